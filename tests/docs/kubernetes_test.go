package docs

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"gpusim/model/diag"
	"gpusim/model/yamltree"
)

// ofKubernetes marks a block that is no network file.
const ofKubernetes = "of Kubernetes"

// TestKubernetes takes the Job of docs/clusters.md for what a Kubernetes would make of
// it: a container's command for each index, with the variable that says which it is. The
// shards that they leave merge to the sweep. There is no Kubernetes here to run it.
func TestKubernetes(t *testing.T) {
	var text string
	for _, p := range pages(t) {
		for _, b := range p.blocks {
			if b.comment == ofKubernetes {
				text = b.text
			}
		}
	}
	list := &diag.List{Source: &diag.Source{Name: "job.yaml", Text: text}}
	job := yamltree.Parse(list)
	if err := list.Err(); err != nil || job == nil {
		t.Fatal(err)
	}
	at := func(n *yamltree.Node, keys ...string) *yamltree.Node {
		t.Helper()
		for _, key := range keys {
			if n = n.Value(key); n == nil {
				t.Fatalf("the Job has no %v", keys)
			}
		}
		return n
	}
	spec := at(job, "spec")
	count, err := strconv.Atoi(at(spec, "completions").Text)
	kind, mode := at(job, "kind").Text, at(spec, "completionMode").Text
	if err != nil || kind != "Job" || mode != "Indexed" || at(job, "apiVersion").Text != "batch/v1" {
		t.Fatalf("kind %s, completionMode %s, completions %v", kind, mode, err)
	}
	container := at(spec, "template", "spec", "containers").Items[0]
	var command []string
	for _, word := range at(container, "command").Items {
		command = append(command, word.Text)
	}
	dir := t.TempDir()
	example, err := os.ReadFile(filepath.Join(root, "examples", "gamma.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	short := bytes.Replace(example, []byte("duration: 500"), []byte("duration: 20"), 1)
	if err := os.WriteFile(filepath.Join(dir, "gamma.yaml"), short, 0o666); err != nil {
		t.Fatal(err)
	}
	args := []string{"merge"}
	for i := range count {
		cmd := exec.Command(program, command[1:]...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "JOB_COMPLETION_INDEX="+strconv.Itoa(i))
		if out, err := cmd.CombinedOutput(); err != nil || command[0] != "gpusim" {
			t.Fatalf("%q: %v\n%s", command, err, out)
		}
		args = append(args, "gamma.sweep."+strconv.Itoa(i)+"-of-"+strconv.Itoa(count)+".out")
	}
	for _, args := range [][]string{append(args, "--out", "merged"), {"sweep", "gamma.yaml", "--out", "whole"}} {
		if out, code := gpusim(t, dir, args...); code != 0 {
			t.Fatalf("gpusim %q: %s", args, out)
		}
	}
	got, err1 := os.ReadFile(filepath.Join(dir, "merged", "sweep.csv"))
	want, err2 := os.ReadFile(filepath.Join(dir, "whole", "sweep.csv"))
	if err1 != nil || err2 != nil || !bytes.Equal(got, want) {
		t.Errorf("%v, %v: the shards merge to\n%s\nthe sweep is\n%s", err1, err2, got, want)
	}
}
