package launch

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gpusim/examples"
	"gpusim/tests/gamma/command"
	"gpusim/tests/meter"
)

// withoutSweep writes the gamma network without its sweep, of which gpusim run
// would remark that it ignores it, for a short run.
func withoutSweep(t *testing.T, dir string) string {
	t.Helper()
	text, _, found := strings.Cut(examples.Gamma, "\nsweep:")
	if !found {
		t.Fatal("examples/gamma.yaml has no sweep at its end")
	}
	text = strings.Replace(text, "duration: 500", "duration: 20", 1)
	write(t, dir, "net.yaml", text)
	return "net.yaml"
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	ok(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666))
}

// TestNoOpenGL runs the program where EGL finds no driver, and where the driver
// is older than OpenGL 4.3: --device gpu fails and says why, --device auto says
// in one line that the float64 engine computes, which --device cpu does without
// a word.
func TestNoOpenGL(t *testing.T) {
	for _, test := range []struct {
		name, env, reason string
	}{
		{"no driver", "__EGL_VENDOR_LIBRARY_DIRS=/nonexistent", "no OpenGL 4.3 context"},
		{"old driver", "MESA_GL_VERSION_OVERRIDE=3.3", "OpenGL 4.3 is needed, found 3.3"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			file := withoutSweep(t, dir)
			env := []string{test.env, "DISPLAY="}

			r := command.Run(t, dir, env, "run", "--device", "gpu", file)
			meter.Want(t, "gpu: exit code", r.Code, 1)
			meter.Want(t, "gpu: standard output", r.Stdout, "")
			for _, part := range []string{"gpusim: ", test.reason, "apt-get install libegl1"} {
				if !strings.Contains(r.Stderr, part) {
					t.Errorf("gpu: standard error does not say %q:\n%s", part, r.Stderr)
				}
			}
			meter.Want(t, "gpu: messages", strings.Count(r.Stderr, "gpusim: "), 1)
			if _, err := os.Stat(filepath.Join(dir, "net.out")); err == nil {
				t.Error("gpu: results were left")
			}

			for _, command_ := range []string{"run", "sweep"} {
				r = command.Run(t, dir, env, command_, "--set", "gaba.g_max=0.001", "--force", "--out", "out", example(), "--to", "20", "--quiet")
				meter.Want(t, "auto: exit code of "+command_, r.Code, 0)
			}
			r = command.Run(t, dir, env, "run", "--json", file)
			meter.Want(t, "auto: exit code", r.Code, 0)
			lines := strings.Split(strings.TrimSpace(r.Stderr), "\n")
			if len(lines) != 1 || !strings.Contains(lines[0], "no OpenGL 4.3") || !strings.Contains(lines[0], "float64") || !strings.Contains(lines[0], "libegl1") {
				t.Errorf("auto: standard error is not one line that says so:\n%s", r.Stderr)
			}
			if !strings.Contains(r.Stdout, `"engine": "cpu"`) || !strings.Contains(r.Stdout, `"precision": "float64"`) {
				t.Errorf("auto: the summary does not name the engine:\n%s", r.Stdout)
			}

			r = command.Run(t, dir, env, "run", "--json", "--force", "--device", "cpu", file)
			meter.Want(t, "cpu: exit code", r.Code, 0)
			meter.Want(t, "cpu: standard error", r.Stderr, "")
		})
	}
}

// TestWrongUse gives the program bad files and bad flags: exit code 2, a
// message, nothing on standard output, and nothing left.
func TestWrongUse(t *testing.T) {
	base := t.TempDir()
	net := func(old, new string) string {
		if strings.Count(examples.Gamma, old) != 1 {
			t.Fatalf("examples/gamma.yaml has not one %q", old)
		}
		return strings.Replace(examples.Gamma, old, new, 1)
	}
	files := map[string]string{
		"empty.yaml":   "",
		"junk.yaml":    "\xf9\x00\x01\xfe\n\x80: [",
		"cut.yaml":     examples.Gamma[:700],
		"tab.yaml":     net("  interneurons:\n", "\tinterneurons:\n"),
		"key.yaml":     net("name: gamma oscillation", "nmae: gamma oscillation"),
		"twice.yaml":   net("name: gamma oscillation", "dt: 0.02"),
		"brace.yaml":   net(`V: "uniform(-70, -50)"`, "V: uniform(-70, -50)"),
		"cycle.yaml":   net("m = alpha_m/(alpha_m + beta_m)", "m = alpha_m/(alpha_m + beta_m)*INa"),
		"unknown.yaml": net("dn/dt = phi*", "dn/dt = phy*"),
		"size.yaml":    net("size: 100", "size: 1.5"),
		"octal.yaml":   net("size: 100", "size: 0x64"),
		"second.yaml":  examples.Gamma + "\n---\na: 1\n",
		"list.yaml":    "- 1\n- 2\n",
		"deep.yaml":    "a: " + strings.Repeat("[", 100_000),
		"nested.yaml":  net("m = alpha_m/(alpha_m + beta_m)", "m = "+strings.Repeat("(", 50_000)+"1"+strings.Repeat(")", 50_000)),
		"alias.yaml":   "a: &a [*a, *a]\n",
		"bad.npy":      "\x93NUMPY junk",
		"short.npy":    "\x93NUMPY\x01\x00v\x00{'descr': '<f8', 'fortran_order': False, 'shape': (100,), }" + strings.Repeat(" ", 57) + "\n",
	}
	for name, text := range files {
		write(t, base, name, text)
	}
	ok(t, os.Mkdir(filepath.Join(base, "folder.yaml"), 0o777))
	good := example()
	for _, args := range [][]string{
		{"run", "empty.yaml"}, {"run", "junk.yaml"}, {"run", "cut.yaml"}, {"run", "tab.yaml"}, {"run", "key.yaml"},
		{"run", "twice.yaml"}, {"run", "brace.yaml"}, {"run", "cycle.yaml"}, {"run", "unknown.yaml"}, {"run", "size.yaml"},
		{"run", "octal.yaml"}, {"run", "second.yaml"}, {"run", "list.yaml"}, {"run", "deep.yaml"}, {"run", "nested.yaml"},
		{"run", "alias.yaml"}, {"run", "folder.yaml"}, {"run", "missing.yaml"},
		{"sweep", "unknown.yaml"}, {"check", "unknown.yaml"}, {"show", "unknown.yaml"},
		{"run"}, {"run", good, good}, {"sweep"}, {"runn", good}, {"run", "--nosuch", good}, {"run", "-x", good},
		{"run", "--device", "tpu", good}, {"run", "--device"}, {"sweep", "--mode", "both", good},
		{"run", "--pieces", "0", good}, {"run", "--pieces", "1000000", good}, {"run", "--seed", "-1", good},
		{"run", "--report", "101", good}, {"run", "--to", "-5", good}, {"run", "--from", "nan", good}, {"run", "--from", "600", good},
		{"run", "--set", "interneurons", good}, {"run", "--set", "interneurons.nosuch=1", good}, {"run", "--set", "nosuch.V=1", good},
		{"run", "--set", "interneurons.size=0", good}, {"run", "--set", "interneurons.size=1e30", good},
		{"run", "--set", "dt=0", good}, {"run", "--set", "dt=-1", good}, {"run", "--set", "run.duration=inf", good},
		{"run", "--set", "gaba.g_max=", good}, {"run", "--set", "gaba.g_max=1/", good}, {"run", "--set", "gaba.g_max=[1, 2]", good},
		{"run", "--set", "interneurons.V=@missing.npy", good}, {"run", "--set", "interneurons.V=@bad.npy", good},
		{"run", "--set", "interneurons.V=@short.npy", good}, {"run", "--set", "inputs.7.value=1", good},
		{"run", "--set", "method=magic", good}, {"run", "--param", "gaba.g_max=1,2", good},
		{"sweep", "--param", "gaba.g_max=0:1:0", good}, {"sweep", "--param", "gaba.g_max=a,b", good},
		{"sweep", "--param", "gaba.g_max=0:1:1e12", good}, {"sweep", "--param", "interneurons.size=10,-20", good},
		{"sweep", "--param", "nosuch.x=1,2", good}, {"sweep", "--param", "gaba.g_max", good},
		{"run", "--out", "empty.yaml", good}, {"run", "--out", "folder.yaml", good},
	} {
		t.Run(strings.Join(args, " ")[:min(60, len(strings.Join(args, " ")))], func(t *testing.T) {
			r := command.Run(t, base, nil, args...)
			meter.Want(t, "exit code", r.Code, 2)
			meter.Want(t, "standard output", r.Stdout, "")
			if strings.TrimSpace(r.Stderr) == "" {
				t.Error("no message")
			}
			if len(r.Stderr) > 4000 {
				t.Errorf("a message of %d bytes", len(r.Stderr))
			}
			for _, c := range r.Stderr {
				if c < ' ' && c != '\n' && c != '\t' || c == 0x7f || c == '\ufffd' {
					t.Errorf("the message has the character %q:\n%q", c, r.Stderr)
					break
				}
			}
			left, err := filepath.Glob(filepath.Join(base, "*.out"))
			ok(t, err)
			hidden, err := filepath.Glob(filepath.Join(base, ".*"))
			ok(t, err)
			if left = append(left, hidden...); len(left) > 0 {
				t.Errorf("%v was left", left)
			}
		})
	}
}
