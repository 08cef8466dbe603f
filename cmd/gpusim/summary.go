package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"

	"gpusim/measure"
	"gpusim/model"
	"gpusim/network"
)

// origin says what results are of, and what computed them.
type origin struct {
	Device     string  `json:"device"`
	Driver     string  `json:"driver"`
	Engine     string  `json:"engine"`
	Gpusim     string  `json:"gpusim"`
	Name       string  `json:"name"`
	FileSHA256 string  `json:"file_sha256"`
	Method     string  `json:"method"`
	Precision  string  `json:"precision"`
	DtMs       float64 `json:"dt_ms"`
	StartMs    float64 `json:"start_ms"`
	Seed       uint64  `json:"seed"`
}

func newOrigin(f *networkFile, d network.DeviceInfo) origin {
	return origin{
		Device: d.Device, Driver: d.Driver, Engine: d.Engine, Precision: d.Precision,
		Gpusim: version, Name: f.Name, FileSHA256: f.sha256, Method: f.Method,
		DtMs: f.Dt, StartMs: f.Run.Start, Seed: f.Run.Seed,
	}
}

// summary is summary.json.
type summary struct {
	origin
	Mode        string           `json:"mode,omitempty"` // of a sweep
	Instances   int              `json:"instances"`
	Steps       int              `json:"steps"`  // of each instance
	Status      string           `json:"status"` // ok, nan or interrupted
	Detail      string           `json:"detail,omitempty"`
	Populations object           `json:"populations"`
	Measures    object           `json:"measures"`
	BinsMs      object           `json:"bins_ms,omitempty"` // the bin that each cross-correlation used
	Counters    network.Counters `json:"counters"`
	Seconds     seconds          `json:"seconds"`
	Plan        []string         `json:"plan"`
	Points      []object         `json:"points,omitzero"`
	Means       []object         `json:"means,omitzero"` // of a sweep that repeats its points
}

type seconds struct {
	Build float64 `json:"build"`
	Run   float64 `json:"run"`
}

// newSummary fills in what is known before anything runs.
func newSummary(f *networkFile, d network.DeviceInfo) *summary {
	s := &summary{
		origin: newOrigin(f, d), Instances: 1, Status: "ok",
		Populations: object{}, Measures: object{}, Plan: []string{},
	}
	for _, m := range f.Measures {
		if m.Kind == crossCorrelation {
			s.BinsMs = append(s.BinsMs, member{m.Key, binUsed(m, f.Dt)})
		}
	}
	return s
}

const crossCorrelation = "cross_correlation"

// binUsed is the bin that a cross-correlation uses, in ms: a whole number of
// steps.
func binUsed(m *model.Measure, dt float64) float64 {
	return round(float64(measure.BinSteps(m.Bin, dt))*dt, 12)
}

// jsonText is v as a file of JSON has it.
func jsonText(v any) ([]byte, error) {
	b, err := json.MarshalIndent(v, "", "  ")
	return append(b, '\n'), err
}

// saveJSON writes v to a file.
func saveJSON(path string, v any) error {
	text, err := jsonText(v)
	if err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o666)
}

func (s *summary) save(dir string) error { return saveJSON(filepath.Join(dir, "summary.json"), s) }

// object is a JSON object that keeps the order of its members, which is that
// of the network file.
type object []member

type member struct {
	key   string
	value any
}

// MarshalJSON implements json.Marshaler.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		key, err := json.Marshal(m.key)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(m.value)
		if err != nil {
			return nil, err
		}
		b.Write(key)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// measured gives measures as members of an object: null where undefined.
func measured(values []network.MeasureValue) object {
	o := object{}
	for _, v := range values {
		if v.Defined {
			o = append(o, member{v.Key, v.Value})
		} else {
			o = append(o, member{v.Key, nil})
		}
	}
	return o
}
