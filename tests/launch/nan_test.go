package launch

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gpusim/tests/gamma/command"
	"gpusim/tests/meter"
)

// TestNotFinite sweeps over values of which some make the state explode, from
// the first step, in the middle or at the start itself: those points have the
// status nan and empty measures, the others are what they are without them, to
// the bit, and the exit code is 1.
func TestNotFinite(t *testing.T) {
	for _, test := range []struct {
		name      string
		param     string
		good, bad []string
	}{
		// A negative capacitance turns the leak into growth.
		{"in the middle", "interneurons.C", []string{"1", "0.9", "2"}, []string{"-1"}},
		{"at the first step", "interneurons.C", []string{"1", "0.9"}, []string{"0", "0"}},
		{"all", "interneurons.C", nil, []string{"-1", "0"}},
		// exp(-(V + 58)/20) is infinite, and h starts as infinity over itself.
		{"at the start", "interneurons.V", []string{"-60", "-52"}, []string{"-100000"}},
	} {
		for _, flags := range [][]string{
			{"--device", "gpu"}, {"--device", "gpu", "--mode", "repeat"},
			{"--device", "cpu"}, {"--device", "cpu", "--mode", "repeat"},
		} {
			t.Run(test.name+"/"+strings.Join(flags, " "), func(t *testing.T) {
				var values []string // one bad, one good and so on
				for i := range max(len(test.good), len(test.bad)) {
					if i < len(test.bad) {
						values = append(values, test.bad[i])
					}
					if i < len(test.good) {
						values = append(values, test.good[i])
					}
				}
				dir := t.TempDir()
				rows, summary := notFinite(t, dir, "all", 1, append(flags, "--param", test.param+"="+strings.Join(values, ","))...)
				meter.Want(t, "points", len(rows), len(values))
				meter.Want(t, "status of the sweep", summary.Status, "nan")
				var others []string
				for k, row := range rows {
					cells := strings.Split(row, ",")
					if slices.Contains(test.good, values[k]) {
						meter.Want(t, "status of "+row, cells[len(cells)-1], "ok")
						others = append(others, row)
						continue
					}
					meter.Want(t, "status of "+row, cells[len(cells)-1], "nan")
					meter.Want(t, "cross-correlation of "+row, cells[1], "")
					p := summary.Points[k]
					if cc, has := p["cross_correlation"]; !has || cc != nil {
						t.Errorf("%s %s: cross_correlation in summary.json is %v, want null", test.param, values[k], cc)
					}
					if detail, _ := p["detail"].(string); !strings.Contains(detail, "interneurons.") {
						t.Errorf("%s %s: the detail does not say what is not finite: %q", test.param, values[k], detail)
					}
				}
				if len(test.good) == 0 {
					return
				}
				alone, _ := notFinite(t, dir, "alone", 0, append(flags, "--param", test.param+"="+strings.Join(test.good, ","))...)
				if !slices.Equal(others, alone) {
					t.Errorf("the other points are\n%s\nwithout the bad ones they are\n%s", strings.Join(others, "\n"), strings.Join(alone, "\n"))
				}
			})
		}
	}
}

type summary struct {
	Status string
	Points []map[string]any
}

// notFinite runs a sweep that has to end with an exit code and returns the rows
// of its table.
func notFinite(t *testing.T, dir, name string, code int, flags ...string) (rows []string, s summary) {
	t.Helper()
	r := command.Run(t, dir, nil, append([]string{"sweep", "--quiet", "--to", "100", "--out", name, example()}, flags...)...)
	meter.Want(t, "exit code", r.Code, code)
	if bad := strings.Contains(r.Stderr, "not finite"); bad != (code == 1) {
		t.Errorf("standard error, with exit code %d: %s", code, r.Stderr)
	}
	b, err := os.ReadFile(filepath.Join(dir, name, "sweep.csv"))
	ok(t, err)
	rows = strings.Split(strings.TrimSpace(string(b)), "\n")[1:]
	b, err = os.ReadFile(filepath.Join(dir, name, "summary.json"))
	ok(t, err)
	ok(t, json.Unmarshal(b, &s))
	return rows, s
}

// TestNotFiniteRun: a run whose state explodes says where and when, leaves its
// results, and ends with exit code 1.
func TestNotFiniteRun(t *testing.T) {
	for _, device := range []string{"gpu", "cpu"} {
		dir := t.TempDir()
		r := command.Run(t, dir, nil, "run", "--quiet", "--device", device, "--to", "100", "--set", "interneurons.C=-1", "--out", "out", example())
		meter.Want(t, device+": exit code", r.Code, 1)
		if !strings.Contains(r.Stderr, "interneurons.") || !strings.Contains(r.Stderr, "is not finite") || !strings.Contains(r.Stderr, "step") {
			t.Errorf("%s: the message does not say where and when: %s", device, r.Stderr)
		}
		var s struct {
			Status   string
			Measures map[string]any
		}
		b, err := os.ReadFile(filepath.Join(dir, "out", "summary.json"))
		ok(t, err)
		ok(t, json.Unmarshal(b, &s))
		meter.Want(t, device+": status", s.Status, "nan")
		if cc, has := s.Measures["cross_correlation"]; !has || cc != nil {
			t.Errorf("%s: the cross-correlation is %v, want null", device, cc)
		}
	}
}
