package golden

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestAll reads every array of the manifest, which checks its shape and its
// SHA-256, and looks for files that the manifest does not name.
func TestAll(t *testing.T) {
	m := LoadManifest(t)
	known := map[string]bool{"manifest.json": true}
	for name, a := range m.Arrays {
		known[a.File] = true
		switch {
		case a.Dtype == "int32" && len(a.Shape) == 2:
			if !slices.IsSortedFunc(Spikes(t, name), compareSpikes) {
				t.Errorf("%s is not sorted by step, then neuron", name)
			}
		case a.Dtype == "int32":
			Int32(t, name)
		default:
			Float64(t, name)
		}
	}
	files, err := os.ReadDir(Dir())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !known[f.Name()] {
			t.Errorf("%s is not in the manifest", filepath.Join(Dir(), f.Name()))
		}
	}
}

// TestSweepTables compares the tables of the manifest with the arrays that
// repeat them.
func TestSweepTables(t *testing.T) {
	for _, name := range []string{"n100", "n100b"} {
		table := Case(t, name).Table
		gMax, _ := Float64(t, name+"_g_max")
		cc, _ := Float64(t, name+"_cc")
		nSpikes, _ := Int32(t, name+"_n_spikes")
		if len(table) != len(gMax) {
			t.Fatalf("%s: %d rows, %d values of g_max", name, len(table), len(gMax))
		}
		for i, row := range table {
			if row.GMax != gMax[i] || row.CC != cc[i] || row.NSpikes != int(nSpikes[i]) {
				t.Errorf("%s row %d: %+v, but the arrays have g_max %v, cc %v, %d spikes",
					name, i, row, gMax[i], cc[i], nSpikes[i])
			}
		}
	}
}

// TestCases looks at one value of each kind of field.
func TestCases(t *testing.T) {
	n200 := Case(t, "n200")
	if !slices.Equal(n200.CC, []float64{0.5267384541756401, 1, 1}) {
		t.Errorf("n200: cc is %v", n200.CC)
	}
	if !slices.Equal(n200.NSteps, []int{12500, 12500, 12500}) {
		t.Errorf("n200: n_steps is %v", n200.NSteps)
	}
	if n200.ArrayInputFromChunk != 2 || len(n200.Bounds) != 4 {
		t.Errorf("n200: %+v", n200)
	}
	lif := Case(t, "lifdelay")
	if lif.DelayLen != 10 || lif.Params["t_refractory"] != 5 || !slices.Equal(lif.CC, []float64{0.05907469042346194}) {
		t.Errorf("lifdelay: %+v", lif)
	}
	if got := Case(t, "n100").NSteps; !slices.Equal(got, []int{12500}) {
		t.Errorf("n100: n_steps is %v", got)
	}
	if got := LoadManifest(t).Model["gNa"]; got != 35 {
		t.Errorf("gNa is %v, want 35", got)
	}
}

func TestCheck(t *testing.T) {
	a := Array{Dtype: "int32", Shape: []int{2}, Order: "C", SHA256: "0000"}
	for _, test := range []struct {
		dtype string
		bytes int
		want  string
	}{
		{"float64", 8, "holds int32, not float64"},
		{"int32", 7, "7 bytes, want 8 for shape [2] of int32"},
		{"int32", 8, "the SHA-256 is not the manifest's 0000"},
	} {
		err := a.check(make([]byte, test.bytes), test.dtype)
		if err == nil || err.Error() != test.want {
			t.Errorf("%s, %d bytes: got %v, want %s", test.dtype, test.bytes, err, test.want)
		}
	}
}

func compareSpikes(a, b Spike) int {
	return cmp.Or(cmp.Compare(a.Step, b.Step), cmp.Compare(a.Neuron, b.Neuron))
}
