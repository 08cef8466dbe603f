package gpu

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/bits"
	"os"
	"path/filepath"
	"slices"

	"gpusim/gpu/glctx"
	"gpusim/shaders"
)

// planKey is what a choice depends on: the device, the kernel, the lengths of
// its rows of synapses, and about how many instances there are.
type planKey [sha256.Size]byte

// cacheVersion is that of the kernels' shapes: a choice among others is not read.
const cacheVersion = 1

func (e *Engine) planKey() planKey {
	h := sha256.New()
	i := e.d.ctx.Info()
	fmt.Fprintf(h, "%d\n%s\n%s\n%d\n", cacheVersion, i.Renderer, i.Version, bits.Len(uint(e.instances)))
	if shaders.FusedRefusal(e.p) == "" {
		h.Write([]byte(e.fused(shaders.Shape{Invocations: minInOne}).Source))
	} else {
		h.Write([]byte(e.p.String()))
	}
	h.Write(glctx.Bytes(e.shared.Conn))
	return planKey(h.Sum(nil))
}

// remembered is a choice in a file of the cache.
type remembered struct {
	Device  string `json:"device"`
	Network string `json:"network"`
	Plan    string `json:"plan"`
}

// recall finds what was chosen before among candidates.
func (e *Engine) recall(list []candidate) (candidate, bool) {
	o := &e.d.opts
	if len(list) < 2 || o.PlanTime < 0 || o.CheckRaces {
		return candidate{}, false
	}
	e.key = e.planKey()
	c, ok := e.d.choices[e.key]
	if !ok && o.Cache != "" {
		c, ok = readChoice(e.d.choiceFile(e.key))
	}
	return c, ok && slices.Contains(list, c)
}

// remember keeps the choice. That a folder cannot be written costs the next
// process the measurement, and is no error.
func (e *Engine) remember() {
	e.d.choices[e.key] = e.choice
	if e.d.opts.Cache == "" {
		return
	}
	text, err := json.Marshal(remembered{e.d.ctx.Info().Renderer, e.p.Name, e.choice.String()})
	if err != nil || os.MkdirAll(e.d.opts.Cache, 0o777) != nil {
		return
	}
	_ = writeWhole(e.d.choiceFile(e.key), append(text, '\n'))
	prune(e.d.opts.Cache)
}

func (d *Device) choiceFile(k planKey) string {
	return filepath.Join(d.opts.Cache, hex.EncodeToString(k[:16])+".json")
}

func readChoice(file string) (candidate, bool) {
	text, err := os.ReadFile(file)
	if err != nil {
		return candidate{}, false
	}
	var r remembered
	var o Options
	if json.Unmarshal(text, &r) != nil || o.ParsePlan(r.Plan) != nil {
		return candidate{}, false
	}
	return candidate{o.Form, o.shape()}, true
}

// writeWhole writes a file that others never see half of.
func writeWhole(file string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(file), ".plan-*")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	err = cmp.Or(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

// maxChoices is how many files the cache keeps; the oldest go first.
const maxChoices = 1000

func prune(dir string) {
	list, err := os.ReadDir(dir)
	if err != nil || len(list) <= maxChoices {
		return
	}
	type file struct {
		name string
		age  int64
	}
	var files []file
	for _, x := range list {
		if i, err := x.Info(); err == nil && filepath.Ext(x.Name()) == ".json" {
			files = append(files, file{x.Name(), i.ModTime().UnixNano()})
		}
	}
	slices.SortFunc(files, func(a, b file) int { return cmp.Compare(a.age, b.age) })
	for _, f := range files[:max(0, len(files)-maxChoices)] {
		_ = os.Remove(filepath.Join(dir, f.name))
	}
}
