package glctx

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unsafe"

	"github.com/ebitengine/purego"
	"github.com/go-gl/gl/v4.3-core/gl"
)

// TestNoContext plays machines that have no OpenGL 4.3, each in a process of its own,
// because drivers read their environment once.
func TestNoContext(t *testing.T) {
	const child = "GLCTX_TEST_CHILD"
	if os.Getenv(child) != "" {
		c, err := OpenEGL(Options{})
		if err == nil {
			t.Fatalf("there is a context: %+v", c.Info())
		}
		if !errors.Is(err, ErrNoContext) {
			t.Errorf("%v does not wrap ErrNoContext", err)
		}
		fmt.Print("ERROR ", err, " END")
		return
	}
	notALibrary := filepath.Join(t.TempDir(), "libEGL.so.1")
	if err := os.WriteFile(notALibrary, []byte("text"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, env, begin, end string }{
		{"old driver", "MESA_GL_VERSION_OVERRIDE=4.1",
			"glctx: no OpenGL 4.3 context. Tried:\n" +
				"  EGL surfaceless: OpenGL 4.3 is needed, found 4.1 (Compatibility Profile) Mesa ", installAdvice},
		{"no vendor", "__EGL_VENDOR_LIBRARY_FILENAMES=/nonexistent",
			"glctx: no OpenGL 4.3 context: libEGL lists neither a surfaceless platform nor a device.\n", installAdvice},
		{"no libEGL", "LD_LIBRARY_PATH=" + filepath.Dir(notALibrary),
			"glctx: no OpenGL 4.3 context: " + notALibrary + ": file too short.\n", installAdvice},
	} {
		t.Run(test.name, func(t *testing.T) {
			cmd := exec.Command(os.Args[0], "-test.run=^TestNoContext$")
			cmd.Env = append(os.Environ(), child+"=1", "LIBGL_ALWAYS_SOFTWARE=1",
				"__EGL_VENDOR_LIBRARY_FILENAMES=/usr/share/glvnd/egl_vendor.d/50_mesa.json", test.env)
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			_, got, _ := strings.Cut(string(out), "ERROR ")
			got, _, _ = strings.Cut(got, " END")
			if !strings.HasPrefix(got, test.begin) || !strings.HasSuffix(got, test.end) {
				t.Errorf("got error:\n%s\nwant:\n%s...%s", got, test.begin, test.end)
			}
		})
	}
}

func TestNoContextAdvice(t *testing.T) {
	got := noContext([]attempt{
		{"EGL surfaceless", &versionError{"4.2 Mesa 22.3.6", "Mesa Intel HD Graphics 4000 (IVB GT2)"}},
		{"EGL device 0", errors.New("eglInitialize failed with EGL_NOT_INITIALIZED")},
	}).Error()
	want := `glctx: no OpenGL 4.3 context. Tried:
  EGL surfaceless: OpenGL 4.3 is needed, found 4.2 Mesa 22.3.6 on Mesa Intel HD Graphics 4000 (IVB GT2)
  EGL device 0: eglInitialize failed with EGL_NOT_INITIALIZED
Update the graphics driver, or set LIBGL_ALWAYS_SOFTWARE=1 to let Mesa render on the CPU.`
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// fakeEGL plays a library with the surfaceless platform and some devices, each with a
// context of its own. It counts the contexts that are left.
type fakeEGL struct {
	renderers []string // of surfaceless, then of the devices; "" gives no context
	current   int      // the current context: an index into renderers, plus 1
	alive     int
}

func (f *fakeEGL) egl() *egl {
	text := map[string][]byte{}
	for _, r := range f.renderers {
		text[r] = []byte(r + "\x00")
	}
	version := []byte("4.6 (Core Profile)\x00")
	glGetString := purego.NewCallback(func(name uint32) unsafe.Pointer {
		if name == gl.VERSION {
			return unsafe.Pointer(&version[0])
		}
		return unsafe.Pointer(&text[f.renderers[f.current-1]][0])
	})
	return &egl{
		getError: func() int32 { return 0x3009 },
		getProcAddress: func(string) unsafe.Pointer {
			return *(*unsafe.Pointer)(unsafe.Pointer(&glGetString))
		},
		queryString: func(display uintptr, _ int32) string {
			if display == 0 {
				return "EGL_MESA_platform_surfaceless EGL_EXT_platform_device"
			}
			return "EGL_KHR_create_context EGL_KHR_surfaceless_context EGL_KHR_no_config_context"
		},
		initialize: func(uintptr, *int32, *int32) uint32 { return 1 },
		bindAPI:    func(uint32) uint32 { return 1 },
		createContext: func(display, _, _ uintptr, _ *int32) uintptr {
			if f.renderers[display-1] == "" {
				return 0
			}
			f.alive++
			return display
		},
		destroyContext: func(uintptr, uintptr) uint32 { f.alive--; return 1 },
		makeCurrent:    func(_, _, _, context uintptr) uint32 { f.current = int(context); return 1 },
		releaseThread:  func() uint32 { return 1 },
		// The display of surfaceless is 1, of device i it is i + 2.
		getPlatformDisplay: func(platform uint32, native uintptr, _ *int32) uintptr {
			if platform == eglPlatformSurfaceless {
				return 1
			}
			return native
		},
		queryDevices: func(_ int32, devices *uintptr, count *int32) uint32 {
			for i := range len(f.renderers) - 1 {
				unsafe.Slice(devices, 32)[i] = uintptr(i + 2)
				*count++
			}
			return 1
		},
		queryDeviceString: func(device uintptr, _ int32) string {
			if f.renderers[device-1] == "llvmpipe" {
				return "EGL_MESA_device_software"
			}
			return "EGL_EXT_device_drm"
		},
	}
}

// A machine may have Mesa's software renderer beside a GPU with a driver that has no
// surfaceless platform; the GPU is what is wanted.
func TestChoiceOfDevice(t *testing.T) {
	for _, test := range []struct {
		name      string
		renderers []string
		forced    string
		want      string
	}{
		{"software only", []string{"llvmpipe", "llvmpipe"}, "", "EGL surfaceless"},
		{"GPU by Mesa", []string{"Mesa Intel", "Mesa Intel", "llvmpipe"}, "", "EGL surfaceless"},
		{"GPU by its own driver", []string{"llvmpipe", "NVIDIA H200", "llvmpipe"}, "", "EGL device 0"},
		{"the same, software forced", []string{"llvmpipe", "NVIDIA H200", "llvmpipe"}, "1", "EGL surfaceless"},
		{"the same, not forced", []string{"llvmpipe", "NVIDIA H200", "llvmpipe"}, "0", "EGL device 0"},
		{"no surfaceless platform", []string{"", "NVIDIA H200"}, "", "EGL device 0"},
		{"a device in use, another free", []string{"llvmpipe", "", "NVIDIA H200"}, "", "EGL device 1"},
		{"no GPU that works", []string{"", "", "llvmpipe"}, "", "EGL device 1"},
		{"a GPU that does not work", []string{"llvmpipe", ""}, "", "EGL surfaceless"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv("LIBGL_ALWAYS_SOFTWARE", test.forced)
			f := &fakeEGL{renderers: test.renderers}
			s, err := f.egl().open()
			if err != nil {
				t.Fatal(err)
			}
			if s.Kind != test.want {
				t.Errorf("opened %s, want %s", s.Kind, test.want)
			}
			if f.current == 0 || f.alive != 1 {
				t.Errorf("context %d is current, %d are alive", f.current, f.alive)
			}
			s.Release()
			if f.current != 0 || f.alive != 0 {
				t.Errorf("after Release: context %d is current, %d are alive", f.current, f.alive)
			}
		})
	}
	f := &fakeEGL{renderers: []string{"", ""}}
	_, err := f.egl().open()
	want := "glctx: no OpenGL 4.3 context. Tried:\n" +
		"  EGL surfaceless: eglCreateContext failed with EGL_BAD_MATCH\n" +
		"  EGL device 0: eglCreateContext failed with EGL_BAD_MATCH\n" + installAdvice
	if err == nil || err.Error() != want {
		t.Errorf("got:\n%v\nwant:\n%s", err, want)
	}
}
