package checkpoint

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sample is a checkpoint with a block of every kind and numbers that are easily lost.
func sample() *Checkpoint {
	until := 12.5
	c := &Checkpoint{
		Gpusim: "0.0.0", Device: Device{"a device", "a driver", "gpu", "float32"},
		Network: "gpusim: 1\n", Identity: "ab", Program: "cd",
		Arrays:    []Array{{Path: "data/v.npy", File: Bytes{Data: []byte("not looked at")}}},
		Instances: 2, Seeds: []uint64{1, math.MaxUint64},
		Clock: Clock{DtMs: 0.1, Step: 1 << 52, Ms: math.Nextafter(40, 50), Started: true},
		Variables: []Variable{
			{"p.V", "neuron", Numbers{Data: []float64{-65, float64(float32(0.1)), math.Inf(-1), math.Copysign(0, -1)}}},
			{"p.last_spike_step", "neuron", Numbers{Data: []float64{-1 << 62, 1<<40 + 1, 3, 4}}},
			{"s.s", "synapse", Numbers{Data: []float64{math.Pi, math.NaN()}}},
		},
		Values: []Value{{Name: "s.w", Dim: "one", Rows: 2, Data: Numbers{Data: []float64{1, 2}}}},
		Inputs: []Input{{Number: -1, To: "p", Target: "I", Op: "add", Kind: "constant", Until: &until,
			Given: &Value{Dim: "one", Rows: 1, Data: Numbers{Data: []float64{0.3}}}}},
		Records: []Records{{Object: "p", List: []Record{{Name: "V", Every: 2, Of: []int{0, 1}}}}},
		Run:     []byte(`{"steps":3}`),
	}
	c.AddExtra("sums", []byte("1 + 1"))
	return c
}

func write(t *testing.T, c *Checkpoint) (path string, text []byte) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "a.checkpoint")
	if err := c.Write(path); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return path, text
}

// bits compares numbers by their bits.
var bits = cmp.Comparer(func(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) })

func TestWriteRead(t *testing.T) {
	want := sample()
	path, text := write(t, want)
	got, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got, bits); d != "" {
		t.Error(d)
	}
	if string(got.Array("data/v.npy")) != "not looked at" || got.Array("v.npy") != nil {
		t.Error("arrays by path")
	}
	if string(got.ExtraOf("sums")) != "1 + 1" || got.ExtraOf("nothing") != nil {
		t.Error("extra bytes by name")
	}
	types := []string{}
	for i := range got.Variables {
		types = append(types, got.Variables[i].Data.Type)
	}
	// pi is no float32, nor are 40 bits and one.
	if d := cmp.Diff([]string{"f4", "f8", "f8"}, types); d != "" {
		t.Error(d)
	}
	// The same checkpoint is the same file.
	if _, again := write(t, got); !bytes.Equal(text, again) {
		t.Error("written again it is another file")
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("beside the file there is something: %v, %v", entries, err)
	}
}

// resum gives text, changed, the length and checksum that it should have.
func resum(text []byte) []byte {
	text = bytes.Clone(text)
	if len(text) < fixed+sha256.Size {
		return text
	}
	binary.LittleEndian.PutUint64(text[24:], uint64(len(text)))
	body := text[:len(text)-sha256.Size]
	sum := sha256.Sum256(body)
	copy(text[len(body):], sum[:])
	return text
}

func TestRefused(t *testing.T) {
	_, whole := write(t, sample())
	edit := func(at int, with ...byte) []byte {
		text := bytes.Clone(whole)
		copy(text[at:], with)
		return text
	}
	lied := func(old, with string) []byte {
		if len(old) != len(with) || !bytes.Contains(whole, []byte(old)) {
			t.Fatalf("%q is not there, or not as long as %q", old, with)
		}
		return resum(bytes.Replace(whole, []byte(old), []byte(with), 1))
	}
	for _, c := range []struct {
		name string
		text []byte
		is   error
		want string
	}{
		{"empty", nil, ErrNotOne, "it is not a checkpoint of gpusim"},
		{"text", []byte("gpusim: 1\nname: a network file is no checkpoint of it\n"), ErrNotOne, "it is not a checkpoint of gpusim"},
		{"sent as text", bytes.ReplaceAll(whole, []byte("\r\n"), []byte("\n")), ErrNotOne, "it is not a checkpoint of gpusim"},
		{"beginning only", whole[:24], ErrTruncated, "the checkpoint is cut short: it has 24 bytes"},
		{"one byte missing", whole[:len(whole)-1], ErrTruncated, fmt.Sprintf("the checkpoint is cut short: it has %d of %d bytes", len(whole)-1, len(whole))},
		{"the first 100", whole[:100], ErrTruncated, fmt.Sprintf("the checkpoint is cut short: it has 100 of %d bytes", len(whole))},
		{"longer", append(bytes.Clone(whole), 0), ErrDamaged, "the checkpoint is damaged"},
		{"newer", edit(16, 2), ErrNewer, "the checkpoint has a newer format, version 2: this gpusim reads version 1"},
		{"version 0", edit(16, 0), ErrDamaged, "the checkpoint is damaged"},
		{"length of the header", edit(32, 255, 255, 255, 255, 255, 255, 255, 127), ErrDamaged, "the checkpoint is damaged"},
		{"one bit of the header", edit(fixed+20, whole[fixed+20]^1), ErrDamaged, "the checkpoint is damaged: its checksum is not that of its content"},
		{"one bit of the state", edit(len(whole)-sha256.Size-1, whole[len(whole)-sha256.Size-1]^1), ErrDamaged, "the checkpoint is damaged: its checksum is not that of its content"},
		{"one bit of the sum", edit(len(whole)-1, whole[len(whole)-1]^1), ErrDamaged, "the checkpoint is damaged: its checksum is not that of its content"},
		{"no JSON", lied(`{"gpusim"`, `["gpusim"`), ErrDamaged, "the checkpoint is damaged: its header: invalid character ':' after array element"},
		{"another network", lied(`gpusim: 1\n`, `gpusim: 2\n`), ErrDamaged, "the checkpoint is damaged: the SHA-256 of the network is another"},
		{"a number more", lied(`"type":"f4","count":4`, `"type":"f4","count":5`), ErrDamaged, "the checkpoint is damaged: its header and its blocks do not fit"},
		{"numbers without end", lied(`"type":"f4","count":4`, `"type":"f4","count":9`), ErrDamaged, "the checkpoint is damaged: its header and its blocks do not fit"},
		{"fewer than none", lied(`"file":{"count":13}`, `"file":{"count":-3}`), ErrDamaged, "the checkpoint is damaged: its header and its blocks do not fit"},
		{"another type", lied(`"type":"f4"`, `"type":"i4"`), ErrDamaged, "the checkpoint is damaged: its header and its blocks do not fit"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "x")
			if err := os.WriteFile(path, c.text, 0o666); err != nil {
				t.Fatal(err)
			}
			got, err := Read(path)
			if got != nil || !errors.Is(err, c.is) {
				t.Fatalf("got %v, %v", got, err)
			}
			if msg, ok := strings.CutPrefix(err.Error(), path+": "); !ok || !strings.HasPrefix(msg, c.want) || strings.Contains(msg, "\n") {
				t.Errorf("%q, want %q", msg, c.want)
			}
		})
	}
	if _, err := Read(t.TempDir()); !errors.Is(err, ErrNotOne) {
		t.Errorf("a folder: %v", err)
	}
	if _, err := Read(filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

// TestEveryBit: no bit of a file can change unnoticed.
func TestEveryBit(t *testing.T) {
	_, whole := write(t, sample())
	for at := range whole {
		text := bytes.Clone(whole)
		text[at] ^= 1 << (at % 8)
		if _, err := decode(bytes.NewReader(text), int64(len(text))); err == nil {
			t.Fatalf("byte %d may change", at)
		}
	}
	for n := range whole {
		if _, err := decode(bytes.NewReader(whole[:n]), int64(n)); !errors.Is(err, ErrNotOne) && !errors.Is(err, ErrTruncated) {
			t.Fatalf("of %d bytes: %v", n, err)
		}
	}
}

// TestFailedWrite: a write that fails leaves the checkpoint that was there.
func TestFailedWrite(t *testing.T) {
	path, before := write(t, sample())
	c := sample()
	c.Run = []byte("no JSON")
	if err := c.Write(path); err == nil || !strings.HasPrefix(err.Error(), path+": the header of the checkpoint: ") {
		t.Errorf("got %v", err)
	}
	after, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the checkpoint has changed: %v", err)
	}
	// What a killed process left is no hindrance.
	left := filepath.Join(filepath.Dir(path), ".a.checkpoint.new")
	if err := os.WriteFile(left, []byte("half"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := sample().Write(path); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is still there: %v", left, err)
	}
	if err := sample().Write(filepath.Join(t.TempDir(), "none", "x")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
}

// FuzzRead: whatever the bytes are, and with a checksum that is right, reading gives
// an error, or a checkpoint that has no more numbers than the file can have and that is
// the same when it is written and read again.
func FuzzRead(f *testing.F) {
	var b bytes.Buffer
	if err := sample().encode(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes(), true)
	f.Add(b.Bytes(), false)
	f.Add(bytes.Replace(b.Bytes(), []byte(`"count":4`), []byte(`"count":1e18`), 1), true)
	f.Add([]byte(magic), false)
	f.Fuzz(func(t *testing.T, text []byte, repaired bool) {
		if repaired {
			text = resum(text)
		}
		c, err := decode(bytes.NewReader(text), int64(len(text)))
		if err != nil {
			return
		}
		_, numbers := c.blocks()
		total := 0
		for _, x := range numbers {
			total += 4 * len(x.Data)
		}
		if total > len(text) {
			t.Fatalf("%d bytes of numbers from %d", total, len(text))
		}
		var out bytes.Buffer
		if err := c.encode(&out); err != nil {
			t.Fatal(err)
		}
		again, err := decode(bytes.NewReader(out.Bytes()), int64(out.Len()))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(c, again, bits); d != "" {
			t.Fatal(d)
		}
	})
}
