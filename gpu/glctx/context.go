package glctx

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"unsafe"

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

// A Platform is a way to make an OpenGL context: OpenEGL has one, package window another.
// All its functions run on the context's thread.
type Platform struct {
	// MakeCurrent makes a context of OpenGL 4.3 core, with the debug bit, and makes
	// it current on the calling thread.
	MakeCurrent func() (Surface, error)
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

	lost        bool // the context was lost; read and written on the thread only
	resetStatus func() uint32

	mu       sync.Mutex // guards counters
	counters Counters
}

// A job is a function on its way to the thread; err gets its result, if it has one.
type job struct {
	op  string
	f   func(*GL) error
	err chan error
}

// Open makes a context on the platform, on a new thread of its own.
func Open(p Platform, o Options) (*Context, error) {
	c := &Context{
		options: o,
		jobs:    make(chan job),
		closed:  make(chan struct{}),
		quit:    make(chan struct{}),
	}
	started := make(chan error, 1)
	go c.thread(p, started)
	if err := <-started; err != nil {
		<-c.closed
		return nil, err
	}
	return c, nil
}

// thread is the life of the context's OS thread. It returns without unlocking it, so
// that the runtime ends the thread and with it whatever the driver keeps a thread.
func (c *Context) thread(p Platform, started chan<- error) {
	defer close(c.closed)
	runtime.LockOSThread()

	s, err := p.MakeCurrent()
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
	functions.Lock()
	err := gl.InitWithProcAddrFunc(func(name string) unsafe.Pointer {
		addr := s.ProcAddr(name)
		if c.options.ProcAddr != nil && addr != nil {
			addr = c.options.ProcAddr(name, addr)
		}
		return addr
	})
	functions.Unlock()
	functions.RLock()
	defer functions.RUnlock()

	// A version that is too low explains a missing function better than its name does.
	info, infoErr := Info{}, error(nil)
	if err == nil || errNamesLaterThanGetString(err) {
		info, infoErr = queryInfo(s.Kind)
	}
	if err := errors.Join(infoErr, err); err != nil {
		return fmt.Errorf("%w: %w", ErrNoContext, err)
	}
	if c.options.Limits != nil {
		info.Limits = info.Limits.lowered(*c.options.Limits)
	}
	c.info = info
	c.resetStatus = resetStatusFunc(info.Version)
	enableDebug(c.options.Debug != nil)
	return nil
}

// Do runs f on the context's thread and returns when it is done. op says in a few
// words what f does; it goes into error messages. The GL given to f is for f alone
// and must not be kept. An error of f is returned as it is; without one, Do returns
// what the driver reported meanwhile. After Close, Do returns ErrClosed.
//
// f must not call Do or Close of the same context: it would wait for itself.
func (c *Context) Do(op string, f func(*GL) error) error {
	j := job{op: op, f: f, err: make(chan error, 1)}
	select {
	case <-c.quit: // so that Do after Close never wins a race with the thread's end
		return ErrClosed
	default:
	}
	select {
	case c.jobs <- j:
	case <-c.closed:
		return ErrClosed
	}
	select {
	case err := <-j.err:
		return err
	case <-c.closed:
		// The thread ended: either after this job, or by it.
		select {
		case err := <-j.err:
			return err
		default:
			return ErrClosed
		}
	}
}

// serve runs one job. Should the job end the goroutine (runtime.Goexit, as
// testing.T.Fatal does), the deferred functions still release the context.
func (c *Context) serve(j job) {
	functions.RLock()
	defer functions.RUnlock()
	if c.lost {
		j.err <- fmt.Errorf("%w; %s was not done", ErrContextLost, j.op)
		return
	}
	g := &GL{c: c, op: j.op}
	finished := false
	defer func() {
		if v := recover(); v != nil {
			g.discardErrors()
			j.err <- &PanicError{Op: j.op, Value: v, Stack: debug.Stack()}
		} else if !finished {
			j.err <- fmt.Errorf("glctx: internal error: %s: the function ended its goroutine; the context is closed", j.op)
		}
		g.c = nil // a GL that was kept is of no use from here on
	}()
	err := j.f(g)
	finished = true
	j.err <- g.result(err)
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
