package glctx

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"unsafe"

	"github.com/ebitengine/purego"
	"github.com/go-gl/gl/v4.3-core/gl"
)

// functions keeps the filling of go-gl's process-wide function addresses apart from
// the calls that read them. It guards go-gl's variables; this package has none.
var functions sync.RWMutex

// Options of a context. The zero value is what a program wants.
type Options struct {
	// ProcAddr, a hook for tests, is told the name and address of every OpenGL
	// function as it is loaded and returns the address to use. See gltest.Count.
	ProcAddr func(name string, addr unsafe.Pointer) unsafe.Pointer

	// Limits lowers the device's limits, to test a program against a lesser device
	// (see MinimumLimits). Fields that are zero, or not stricter, change nothing.
	Limits *Limits

	// Debug, if not nil, is told every message of the driver, performance hints
	// and notifications included, on the context's own thread.
	Debug func(msg string)
}

// A Surface is a current OpenGL context, without what OpenGL itself knows of it.
type Surface struct {
	Kind     string                           // for Info.Kind
	ProcAddr func(name string) unsafe.Pointer // the address of an OpenGL function
	Release  func()                           // makes the context not current and destroys it
}

// A Context is an OpenGL context and the thread it lives on. Its methods may be
// called from any goroutine; calls are served one after another.
type Context struct {
	info    Info
	options Options

	jobs   chan job
	closed chan struct{} // closed once the thread takes no more jobs
	once   sync.Once     // closes quit
	quit   chan struct{}

	lost        bool          // the context was lost; read and written on the thread only
	resetStatus func() uint32 // nil where the driver cannot tell
	logText     []byte        // scratch for takeMessages

	mu       sync.Mutex // guards counters
	counters Counters
}

// A job is a function on its way to the thread; err gets its result, if it has one.
type job struct {
	op  string
	f   func(*GL) error
	err chan error
}

// Open makes a context on a new thread of its own. makeCurrent runs on that thread; it
// makes an OpenGL 4.3 core context, with the debug bit, and makes it current there.
// OpenEGL does this for a machine without a display, window.Open for one with.
func Open(makeCurrent func() (Surface, error), o Options) (*Context, error) {
	c := &Context{
		options: o,
		jobs:    make(chan job),
		closed:  make(chan struct{}),
		quit:    make(chan struct{}),
	}
	started := make(chan error, 1)
	go c.thread(makeCurrent, started)
	if err := <-started; err != nil {
		<-c.closed
		return nil, err
	}
	return c, nil
}

// thread is the life of the context's OS thread. It returns without unlocking it, so
// that the runtime ends the thread and with it whatever the driver keeps a thread.
func (c *Context) thread(makeCurrent func() (Surface, error), started chan<- error) {
	defer close(c.closed)
	runtime.LockOSThread()

	s, err := makeCurrent()
	if err != nil {
		started <- err
		return
	}
	defer s.Release()
	if err := c.load(s); err != nil {
		started <- fmt.Errorf("glctx: %s: %w", s.Kind, err)
		return
	}
	started <- nil
	for {
		select {
		case j := <-c.jobs:
			c.serve(j)
		case <-c.quit:
			return
		}
	}
}

// load fills go-gl's function addresses and reads what the context is.
func (c *Context) load(s Surface) error {
	// Before go-gl looks for functions that an old driver does not have.
	version, renderer := identify(s.ProcAddr)
	if !versionAtLeast(version, 4, 3) {
		return fmt.Errorf("%w: %w", ErrNoContext, &versionError{version, renderer})
	}
	if err := c.loadFunctions(s.ProcAddr); err != nil {
		return fmt.Errorf("%w: the driver (%s) lacks a function: %w", ErrNoContext, version, err)
	}
	functions.RLock()
	defer functions.RUnlock()
	info := queryInfo(s.Kind)
	if c.options.Limits != nil {
		info.Limits = info.Limits.lowered(*c.options.Limits)
	}
	c.info = info
	c.resetStatus = resetStatusFunc(info.Version)
	enableDebug(c.options.Debug != nil)
	return nil
}

func (c *Context) loadFunctions(procAddr func(string) unsafe.Pointer) error {
	functions.Lock()
	defer functions.Unlock()
	return gl.InitWithProcAddrFunc(func(name string) unsafe.Pointer {
		addr := procAddr(name)
		if c.options.ProcAddr != nil && addr != nil {
			addr = c.options.ProcAddr(name, addr)
		}
		return addr
	})
}

// identify asks the current context for its version and renderer by itself, without go-gl.
func identify(procAddr func(string) unsafe.Pointer) (version, renderer string) {
	addr := procAddr("glGetString")
	if addr == nil {
		return "", ""
	}
	var getString func(name uint32) string
	purego.RegisterFunc(&getString, uintptr(addr))
	return getString(gl.VERSION), getString(gl.RENDERER)
}

// Do runs f on the context's thread and returns when it is done. op says in a few
// words what f does; it goes into error messages. The GL given to f is for f alone
// and must not be kept. Do returns the error of f, and what the driver reported
// meanwhile: a *GLError, or ErrContextLost. After Close, Do returns ErrClosed.
//
// f must not call Do or Close of the same context: it would wait for itself.
func (c *Context) Do(op string, f func(*GL) error) error {
	j := job{op: op, f: f, err: make(chan error, 1)}
	select {
	case c.jobs <- j:
		return <-j.err
	case <-c.closed:
		return ErrClosed
	}
}

// serve runs one job and answers it. Should the job end the goroutine
// (runtime.Goexit, as testing.T.Fatal does), this still answers, and the functions
// deferred by thread release the context.
func (c *Context) serve(j job) {
	functions.RLock()
	defer functions.RUnlock()
	if c.lost {
		j.err <- fmt.Errorf("%w; %s was not done", ErrContextLost, j.op)
		return
	}
	g := &GL{c: c, op: j.op}
	err := fmt.Errorf("glctx: internal error: %s: the function ended its goroutine; the context is closed", j.op)
	defer func() {
		if v := recover(); v != nil {
			g.discardErrors()
			err = &PanicError{Op: j.op, Value: v, Stack: debug.Stack()}
		}
		g.c = nil // a GL that was kept is of no use from here on
		j.err <- err
	}()
	err = g.result(j.f(g))
}

// Close destroys the context with everything in it, ends its thread and returns
// after that. Work that other goroutines have begun is finished first. Closing twice
// is no error.
func (c *Context) Close() error {
	c.once.Do(func() { close(c.quit) })
	<-c.closed
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counters.LiveBuffers, c.counters.LiveBytes, c.counters.LivePrograms = 0, 0, 0
	return nil
}

// Info describes the device.
func (c *Context) Info() Info { return c.info }

// Counters count what a context has done since it was opened, and what it holds.
type Counters struct {
	ProgramsBuilt   int   // programs compiled and linked
	Dispatches      int   // glDispatchCompute
	Uploads         int   // glBufferSubData
	Downloads       int   // glGetBufferSubData
	BytesUploaded   int64 // by Upload; clearing a buffer uploads nothing
	BytesDownloaded int64

	LiveBuffers  int   // not yet deleted
	LiveBytes    int64 // allocated for them, see Buffer.Allocated
	LivePrograms int
}

// Counters returns the counters as they are now.
func (c *Context) Counters() Counters {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.counters
}

func (c *Context) count(f func(*Counters)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(&c.counters)
}
