package ledger

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// The files of a ledger.
const (
	ManifestName = "manifest.json"
	RowsName     = "rows.csv"
)

// Format is that of the files of a ledger.
const Format = 1

// Manifest says what the results of a sweep are of. Results of equal manifests
// belong together.
type Manifest struct {
	Format    int    `json:"format"`
	Gpusim    string `json:"gpusim"`
	Network   string `json:"network_sha256"` // of the file as it runs, with its arrays
	Design    string `json:"design_sha256"`  // of the names and values of the points
	Points    int    `json:"points"`         // of the whole sweep
	Shard     *Shard `json:"shard,omitempty"`
	Keep      string `json:"keep,omitempty"` // what is kept of each point beside its row
	Engine    string `json:"engine"`
	Device    string `json:"device"`
	Driver    string `json:"driver"`
	Precision string `json:"precision"`
}

// Differences lists what is not equal in two manifests, but for the shard.
func (m *Manifest) Differences(now *Manifest) []string {
	var list []string
	add := func(name, there, here string) {
		if there != here {
			list = append(list, fmt.Sprintf("%s is %s in it, and %s here", name, shown(there), shown(here)))
		}
	}
	add("format", fmt.Sprint(m.Format), fmt.Sprint(now.Format))
	add("gpusim", m.Gpusim, now.Gpusim)
	add("network_sha256", m.Network, now.Network)
	add("design_sha256", m.Design, now.Design)
	add("points", fmt.Sprint(m.Points), fmt.Sprint(now.Points))
	add("keep", m.Keep, now.Keep)
	add("engine", m.Engine, now.Engine)
	add("device", m.Device, now.Device)
	add("driver", m.Driver, now.Driver)
	add("precision", m.Precision, now.Precision)
	return list
}

// shown is a value as a message has it: of a hash its beginning.
func shown(s string) string {
	switch {
	case s == "":
		return "nothing"
	case len(s) == 64 && !strings.Contains(s, " "):
		return s[:12]
	}
	return s
}

// ReadManifest reads the manifest of a folder. Where there is none the error is
// fs.ErrNotExist.
func ReadManifest(dir string) (*Manifest, error) {
	path := filepath.Join(dir, ManifestName)
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	m := &Manifest{}
	if err := json.Unmarshal(text, m); err != nil {
		return nil, fmt.Errorf("%s is no manifest of a sweep: %w", path, err)
	}
	if m.Format != Format {
		return nil, fmt.Errorf("%s has format %d; this gpusim reads format %d", path, m.Format, Format)
	}
	if m.Points < 1 || m.Shard != nil && !m.Shard.valid() {
		return nil, fmt.Errorf("%s is no manifest of a sweep: it has %d points, shard %s", path, m.Points, m.Shard)
	}
	return m, nil
}

// Save writes the manifest, whole or not at all.
func (m *Manifest) Save(dir string) error {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	path := filepath.Join(dir, ManifestName)
	tmp := path + ".tmp"
	if err := writeSynced(tmp, append(text, '\n')); err != nil {
		return err
	}
	if err := os.Rename(tmp, path); err != nil {
		return err
	}
	SyncDir(dir)
	return nil
}

// writeSynced writes a file and has the disk take it.
func writeSynced(path string, text []byte) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// SyncDir has the disk take the names in a folder. Not every system can; there the
// names are safe from a killed process, not from a power cut.
func SyncDir(dir string) {
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}

// Begun reports whether a folder is a ledger.
func Begun(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, ManifestName))
	return err == nil
}
