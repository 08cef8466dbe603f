package promises

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gpusim/model/npy"
	"gpusim/tests/gamma/command"
)

func TestMain(m *testing.M) { os.Exit(command.Main(m)) }

// TestRunsAgain: the network.yaml that a run leaves, with the arrays beside it,
// runs again to the same bits from another folder.
func TestRunsAgain(t *testing.T) {
	for _, n := range networks() {
		for _, device := range []string{"gpu", "cpu"} {
			t.Run(n.name+"/"+device, func(t *testing.T) {
				here, there := t.TempDir(), t.TempDir()
				if err := os.WriteFile(filepath.Join(here, "net.yaml"), []byte(n.text), 0o666); err != nil {
					t.Fatal(err)
				}
				args := []string{"run", "net.yaml", "--device", device, "--quiet", "--out", "out", "--from", "5", "--to", "23", "--pieces", "2"}
				for _, s := range append(slices.Clone(n.set), fmt.Sprintf("%s=%v", n.knob, n.values(7))) {
					args = append(args, "--set", s)
				}
				p := n.file(t).Populations[0]
				if v := p.Name + ".V="; !slices.ContainsFunc(n.set, func(s string) bool { return strings.HasPrefix(s, v) }) {
					start := make([]float64, p.Size)
					for i := range start {
						start[i] = -64 + 0.3*float64(i%30)
						if p.Model.Name == "slow" { // whose V is about 1
							start[i] /= 60
						}
					}
					if err := npy.Write(filepath.Join(here, "v.npy"), []int{p.Size}, start); err != nil {
						t.Fatal(err)
					}
					args = append(args, "--set", v+"@v.npy")
				}
				command.MustRun(t, here, args...)
				if err := os.CopyFS(there, os.DirFS(filepath.Join(here, "out"))); err != nil {
					t.Fatal(err)
				}
				if err := os.RemoveAll(here); err != nil {
					t.Fatal(err)
				}
				command.MustRun(t, there, "run", "network.yaml", "--device", device, "--quiet", "--out", "again", "--pieces", "3")
				for _, name := range []string{"spikes.npz", "state.npz", "traces.npz"} {
					first, err := os.ReadFile(filepath.Join(there, name))
					if os.IsNotExist(err) && name == "traces.npz" {
						continue
					}
					if err != nil {
						t.Fatal(err)
					}
					again, err := os.ReadFile(filepath.Join(there, "again", name))
					if err != nil {
						t.Fatal(err)
					}
					if !bytes.Equal(first, again) {
						t.Errorf("%s differs", name)
					}
				}
			})
		}
	}
}
