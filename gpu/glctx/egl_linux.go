package glctx

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"unsafe"

	"github.com/ebitengine/purego"
)

// Names and values are those of EGL 1.5 and its extensions (registry.khronos.org/EGL).
const (
	eglPbufferBit          = 0x0001
	eglOpenGLBit           = 0x0008
	eglSurfaceType         = 0x3033
	eglNone                = 0x3038
	eglRenderableType      = 0x3040
	eglExtensions          = 0x3055
	eglMajorVersion        = 0x3098
	eglOpenGLAPI           = 0x30A2
	eglMinorVersion        = 0x30FB
	eglContextFlags        = 0x30FC
	eglDebugBit            = 0x0001
	eglProfileMask         = 0x30FD
	eglCoreProfileBit      = 0x0001
	eglPlatformDevice      = 0x313F
	eglResetStrategy       = 0x31BD
	eglLoseOnReset         = 0x31BF
	eglPlatformSurfaceless = 0x31DD
)

const (
	installAdvice  = "On Debian or Ubuntu: apt-get install libegl1 libgl1-mesa-dri (Mesa renders on the CPU where there is no GPU)."
	softwareAdvice = "Update the graphics driver, or set LIBGL_ALWAYS_SOFTWARE=1 to let Mesa render on the CPU."
)

// egl is the library with the functions used of it.
type egl struct {
	getError       func() int32
	getProcAddress func(name string) unsafe.Pointer
	queryString    func(display uintptr, name int32) string
	initialize     func(display uintptr, major, minor *int32) uint32
	bindAPI        func(api uint32) uint32
	chooseConfig   func(display uintptr, attributes *int32, configs *uintptr, size int32, count *int32) uint32
	createContext  func(display, config, share uintptr, attributes *int32) uintptr
	destroyContext func(display, context uintptr) uint32
	makeCurrent    func(display, draw, read, context uintptr) uint32
	releaseThread  func() uint32

	// Of extensions; nil where the library lacks them.
	getPlatformDisplay func(platform uint32, native uintptr, attributes *int32) uintptr
	queryDevices       func(size int32, devices *uintptr, count *int32) uint32
	queryDeviceString  func(device uintptr, name int32) string
}

// OpenEGL opens a context without a window or a display. It tries Mesa's surfaceless
// platform, then every device that EGL lists, and takes the first that is not a
// software renderer, else the first. With LIBGL_ALWAYS_SOFTWARE set it takes the first.
func OpenEGL(o Options) (*Context, error) {
	return Open(func() (Surface, error) {
		e, err := loadEGL("libEGL.so.1")
		if err != nil {
			return Surface{}, fmt.Errorf("glctx: %w: %w.\n%s", ErrNoContext, err, installAdvice)
		}
		return e.open()
	}, o)
}

// loadEGL opens the library. It is never closed again: drivers leave threads and
// thread-local destructors behind that need their code.
func loadEGL(library string) (*egl, error) {
	handle, err := purego.Dlopen(library, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, err
	}
	e := &egl{}
	for name, f := range map[string]any{
		"eglGetError": &e.getError, "eglGetProcAddress": &e.getProcAddress, "eglQueryString": &e.queryString,
		"eglInitialize": &e.initialize, "eglBindAPI": &e.bindAPI, "eglChooseConfig": &e.chooseConfig,
		"eglCreateContext": &e.createContext, "eglDestroyContext": &e.destroyContext,
		"eglMakeCurrent": &e.makeCurrent, "eglReleaseThread": &e.releaseThread,
	} {
		addr, err := purego.Dlsym(handle, name)
		if err != nil {
			return nil, err
		}
		purego.RegisterFunc(f, addr)
	}
	for name, f := range map[string]any{
		"eglGetPlatformDisplayEXT": &e.getPlatformDisplay,
		"eglQueryDevicesEXT":       &e.queryDevices, "eglQueryDeviceStringEXT": &e.queryDeviceString,
	} {
		if addr := e.getProcAddress(name); addr != nil {
			purego.RegisterFunc(f, uintptr(addr))
		}
	}
	return e, nil
}

// open makes the context of the best candidate current.
func (e *egl) open() (Surface, error) {
	var best *eglContext
	var tried []attempt
	for _, c := range e.candidates() {
		if best != nil && c.software {
			continue
		}
		x, err := e.try(c)
		if err != nil {
			tried = append(tried, attempt{c.kind, err})
			continue
		}
		if best != nil && x.software {
			x.destroy()
			continue
		}
		if best != nil {
			best.destroy()
		}
		best = x
		if !x.software || softwareForced() {
			break
		}
	}
	if best == nil {
		return Surface{}, noContext(tried)
	}
	if err := best.makeCurrent(); err != nil { // trying another has unset it
		best.destroy()
		return Surface{}, noContext([]attempt{{best.kind, err}})
	}
	return Surface{
		Kind:     best.kind,
		ProcAddr: e.getProcAddress,
		Release: func() {
			best.destroy()
			e.releaseThread()
		},
	}, nil
}

// An attempt is a candidate that gave no context, and why.
type attempt struct {
	kind string
	err  error
}

func noContext(tried []attempt) error {
	if len(tried) == 0 {
		return fmt.Errorf("glctx: %w: libEGL lists neither a surfaceless platform nor a device.\n%s", ErrNoContext, installAdvice)
	}
	var lines strings.Builder
	advice := installAdvice
	for _, t := range tried {
		fmt.Fprintf(&lines, "\n  %s: %v", t.kind, t.err)
		var old *versionError
		if errors.As(t.err, &old) && !isSoftware(old.renderer) {
			advice = softwareAdvice
		}
	}
	return fmt.Errorf("glctx: %w. Tried:%s\n%s", ErrNoContext, &lines, advice)
}

// softwareForced reads the variable as Mesa does.
func softwareForced() bool {
	switch strings.ToLower(os.Getenv("LIBGL_ALWAYS_SOFTWARE")) {
	case "1", "true", "t", "yes", "y":
		return true
	}
	return false
}

// A candidate is a display that may give a context.
type candidate struct {
	kind     string
	platform uint32
	native   uintptr
	software bool // known to be one before it is opened
}

// candidates lists what the library offers, in the order to try.
func (e *egl) candidates() []candidate {
	if e.getPlatformDisplay == nil {
		return nil
	}
	var list []candidate
	offered := strings.Fields(e.queryString(0, eglExtensions))
	if slices.Contains(offered, "EGL_MESA_platform_surfaceless") {
		list = append(list, candidate{kind: "EGL surfaceless", platform: eglPlatformSurfaceless})
	}
	if !slices.Contains(offered, "EGL_EXT_platform_device") || e.queryDevices == nil {
		return list
	}
	var devices [32]uintptr
	var n int32
	if e.queryDevices(int32(len(devices)), &devices[0], &n) == 0 {
		return list
	}
	for i, device := range devices[:n] {
		c := candidate{kind: fmt.Sprintf("EGL device %d", i), platform: eglPlatformDevice, native: device}
		if e.queryDeviceString != nil {
			names := strings.Fields(e.queryDeviceString(device, eglExtensions))
			c.software = slices.Contains(names, "EGL_MESA_device_software")
		}
		list = append(list, c)
	}
	return list
}

// An eglContext is a context on a display. The display is never terminated: EGL has
// one for all contexts of the process, and terminating it would take theirs away.
type eglContext struct {
	e        *egl
	kind     string
	display  uintptr
	context  uintptr
	software bool
}

// try makes a context on the candidate and leaves it current.
func (e *egl) try(c candidate) (*eglContext, error) {
	x := &eglContext{e: e, kind: c.kind, display: e.getPlatformDisplay(c.platform, c.native, nil)}
	if x.display == 0 {
		return nil, e.failed("eglGetPlatformDisplay")
	}
	if e.initialize(x.display, nil, nil) == 0 {
		return nil, e.failed("eglInitialize")
	}
	if e.bindAPI(eglOpenGLAPI) == 0 {
		return nil, e.failed("eglBindAPI")
	}
	offered := strings.Fields(e.queryString(x.display, eglExtensions))
	for _, needed := range []string{"EGL_KHR_create_context", "EGL_KHR_surfaceless_context"} {
		if !slices.Contains(offered, needed) {
			return nil, fmt.Errorf("%s is missing", needed)
		}
	}
	var config uintptr
	if !slices.Contains(offered, "EGL_KHR_no_config_context") {
		var n int32
		wanted := []int32{eglSurfaceType, eglPbufferBit, eglRenderableType, eglOpenGLBit, eglNone}
		if e.chooseConfig(x.display, &wanted[0], &config, 1, &n) == 0 || n == 0 {
			return nil, e.failed("eglChooseConfig")
		}
	}
	if err := x.create(config); err != nil {
		x.destroy()
		return nil, err
	}
	return x, nil
}

// create asks for OpenGL 4.3 core with the debug bit, and with notice of resets where
// the driver can give it. Where there is no such context, the error says what there is.
func (x *eglContext) create(config uintptr) error {
	core := []int32{eglMajorVersion, 4, eglMinorVersion, 3, eglProfileMask, eglCoreProfileBit, eglContextFlags, eglDebugBit}
	var refused error
	plain := false
	for _, attributes := range [][]int32{
		append(slices.Clip(core), eglResetStrategy, eglLoseOnReset, eglNone),
		append(slices.Clip(core), eglNone),
		{eglNone}, // only to learn the version
	} {
		plain = len(attributes) == 1
		x.context = x.e.createContext(x.display, config, 0, &attributes[0])
		if x.context != 0 {
			break
		}
		if !plain {
			refused = x.e.failed("eglCreateContext")
		}
	}
	if x.context == 0 {
		return refused
	}
	if err := x.makeCurrent(); err != nil {
		return err
	}
	version, renderer := identify(x.e.getProcAddress)
	if !versionAtLeast(version, 4, 3) {
		return &versionError{version, renderer}
	}
	if plain {
		return refused
	}
	x.software = isSoftware(renderer)
	return nil
}

func (x *eglContext) makeCurrent() error {
	if x.e.makeCurrent(x.display, 0, 0, x.context) == 0 {
		return x.e.failed("eglMakeCurrent")
	}
	return nil
}

func (x *eglContext) destroy() {
	if x.context == 0 {
		return
	}
	x.e.makeCurrent(x.display, 0, 0, 0)
	x.e.destroyContext(x.display, x.context)
	x.context = 0
}

// failed names the call and the error that EGL keeps for it.
func (e *egl) failed(call string) error {
	code := e.getError()
	name, ok := map[int32]string{
		0x3001: "EGL_NOT_INITIALIZED", 0x3002: "EGL_BAD_ACCESS", 0x3003: "EGL_BAD_ALLOC",
		0x3004: "EGL_BAD_ATTRIBUTE", 0x3005: "EGL_BAD_CONFIG", 0x3008: "EGL_BAD_DISPLAY",
		0x3009: "EGL_BAD_MATCH", 0x300C: "EGL_BAD_PARAMETER",
	}[code]
	if !ok {
		name = fmt.Sprintf("EGL error %#x", code)
	}
	return fmt.Errorf("%s failed with %s", call, name)
}
