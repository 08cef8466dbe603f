package gltest

import (
	"sync"
	"unsafe"

	"github.com/ebitengine/purego"
)

// A Hook is what glctx.Options.ProcAddr takes: told the name and address of a
// function, it returns the address to use.
type Hook = func(name string, addr unsafe.Pointer) unsafe.Pointer

// Count returns a hook that counts the calls of the named functions, such as
// "glLinkProgram", and passes them on, and a function that tells the counts so far;
// every name is in them. The functions must take no floats, at most ten arguments, and
// return at most a word. The hook counts every context of the process from the time it is
// used to open one until another is opened, see package glctx.
//
// A process has room for about 2,000 callbacks that are never freed. Count uses one
// for each name, however many contexts the hook opens.
func Count(names ...string) (hook Hook, counts func() map[string]int) {
	c := &counter{calls: map[string]int{}, wrapped: map[string]unsafe.Pointer{}, targets: map[string]uintptr{}}
	for _, name := range names {
		c.calls[name] = 0
	}
	return c.wrap, c.counts
}

type counter struct {
	mu      sync.Mutex
	calls   map[string]int
	wrapped map[string]unsafe.Pointer
	targets map[string]uintptr
}

func (c *counter) counts() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make(map[string]int, len(c.calls))
	for name, n := range c.calls {
		out[name] = n
	}
	return out
}

func (c *counter) wrap(name string, addr unsafe.Pointer) unsafe.Pointer {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, wanted := c.calls[name]; !wanted {
		return addr
	}
	c.targets[name] = uintptr(addr)
	if c.wrapped[name] == nil {
		// Words are passed on as they came, more of them than the function takes: the
		// calling conventions leave it to the callee to look at its own only, and
		// the upper half of a 32-bit argument is not looked at either.
		c.wrapped[name] = pointer(func(a0, a1, a2, a3, a4, a5, a6, a7, a8, a9 uintptr) uintptr {
			r, _, _ := purego.SyscallN(c.enter(name), a0, a1, a2, a3, a4, a5, a6, a7, a8, a9)
			return r
		})
	}
	return c.wrapped[name]
}

// enter counts a call and returns the driver's function.
func (c *counter) enter(name string) uintptr {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls[name]++
	return c.targets[name]
}

// Replace returns a hook that puts Go functions in the place of the driver's, to see
// what a program does with a driver that fails. The functions take and return words
// (uintptr, int32, uint32, unsafe.Pointer). Each uses one callback of the process.
func Replace(functions map[string]any) Hook {
	replaced := map[string]unsafe.Pointer{}
	for name, f := range functions {
		replaced[name] = pointer(f)
	}
	return func(name string, addr unsafe.Pointer) unsafe.Pointer {
		if p, ok := replaced[name]; ok {
			return p
		}
		return addr
	}
}

// Between returns a hook that puts f between the program and a function of the driver's,
// which takes no floats and at most ten arguments: f calls pass for what the driver does,
// or does not. It uses one callback of the process.
func Between(name string, f func(args []uintptr, pass func() uintptr) uintptr) Hook {
	var target uintptr // of the context that was opened last, see package glctx
	between := pointer(func(a0, a1, a2, a3, a4, a5, a6, a7, a8, a9 uintptr) uintptr {
		args := []uintptr{a0, a1, a2, a3, a4, a5, a6, a7, a8, a9}
		return f(args, func() uintptr {
			r, _, _ := purego.SyscallN(target, args...)
			return r
		})
	})
	return func(asked string, addr unsafe.Pointer) unsafe.Pointer {
		if asked != name {
			return addr
		}
		target = uintptr(addr)
		return between
	}
}

// Join returns a hook of several, each of functions of its own.
func Join(hooks ...Hook) Hook {
	return func(name string, addr unsafe.Pointer) unsafe.Pointer {
		for _, h := range hooks {
			addr = h(name, addr)
		}
		return addr
	}
}

// pointer makes a C function of a Go function; it is never freed.
func pointer(f any) unsafe.Pointer {
	addr := purego.NewCallback(f)
	// Not Go memory, so this is no misuse of a uintptr, which go vet would suspect.
	return *(*unsafe.Pointer)(unsafe.Pointer(&addr))
}
