// Package meter opens a device whose calls of OpenGL are counted in the
// loader's function table, between gpusim and the driver, with the bytes that
// they move: what really happens, whatever gpusim's own counters say. It is for
// tests only.
package meter

import (
	"slices"
	"sync"
	"testing"
	"unsafe"

	"github.com/ebitengine/purego"

	"gpusim/gpu"
	"gpusim/gpu/gltest"
	"gpusim/network"
)

// Meter counts the calls of OpenGL functions and the bytes of the two that
// move data.
type Meter struct {
	counts func() map[string]int

	mu        sync.Mutex
	up, down  []int
	last      map[string]int
	functions map[string]unsafe.Pointer
	targets   map[string]uintptr
}

// counted are the functions that a meter counts.
var counted = []string{
	"glCompileShader", "glLinkProgram", "glDispatchCompute", "glBufferSubData", "glGetBufferSubData",
	"glGenBuffers", "glBufferData", "glDeleteBuffers", "glMapBufferRange", "glDispatchComputeIndirect",
	"glProgramBinary",
}

// Open opens the device with a meter in its function table, which the first
// Mark begins anew. No other context may be opened while the meter is read: the
// table is the process's. The device is closed with the test.
func Open(t testing.TB, o gpu.Options) (*gpu.Device, *Meter) {
	t.Helper()
	hook, counts := gltest.Count(counted...)
	m := &Meter{counts: counts, functions: map[string]unsafe.Pointer{}, targets: map[string]uintptr{}}
	o.Context.ProcAddr = func(name string, addr unsafe.Pointer) unsafe.Pointer {
		return m.sizes(name, hook(name, addr))
	}
	d, err := gpu.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	m.Mark()
	return d, m
}

// sizes puts a function in the place of those that move data.
func (m *Meter) sizes(name string, addr unsafe.Pointer) unsafe.Pointer {
	list := map[string]*[]int{"glBufferSubData": &m.up, "glGetBufferSubData": &m.down}[name]
	if list == nil {
		return addr
	}
	m.targets[name] = uintptr(addr)
	if m.functions[name] == nil {
		f := purego.NewCallback(func(target, offset, size, data uintptr) uintptr {
			m.mu.Lock()
			*list = append(*list, int(size))
			m.mu.Unlock()
			r, _, _ := purego.SyscallN(m.targets[name], target, offset, size, data)
			return r
		})
		// Not Go memory, which go vet would suspect.
		m.functions[name] = *(*unsafe.Pointer)(unsafe.Pointer(&f))
	}
	return m.functions[name]
}

// Work is what was done between two marks.
type Work struct {
	Calls    map[string]int
	Up, Down []int // bytes of each transfer
}

// Mark begins a new count and gives the last.
func (m *Meter) Mark() Work {
	m.mu.Lock()
	defer m.mu.Unlock()
	w := Work{Calls: map[string]int{}, Up: m.up, Down: m.down}
	now := m.counts()
	for name, n := range now {
		w.Calls[name] = n - m.last[name]
	}
	m.last, m.up, m.down = now, nil, nil
	return w
}

// All are the calls since the device was opened, as of the last Mark.
func (m *Meter) All() map[string]int { return m.last }

// Built is the number of programs that were linked or loaded.
func (w Work) Built() int { return w.Calls["glLinkProgram"] + w.Calls["glProgramBinary"] }

// Total adds the bytes of transfers.
func Total(list []int) (sum int64) {
	for _, n := range list {
		sum += int64(n)
	}
	return sum
}

// Want compares a count.
func Want[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// WantList compares the bytes of transfers.
func WantList(t testing.TB, what string, got []int, want ...int) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: transfers of %v bytes, want %v", what, got, want)
	}
}

// Agree compares gpusim's counters of all that was done with the meter's.
func (w Work) Agree(t testing.TB, what string, c network.Counters) {
	t.Helper()
	Want(t, what+": programs", c.ProgramsBuilt+c.Plan.Programs, w.Built())
	Want(t, what+": dispatches", c.Dispatches+c.Plan.Dispatches, w.Calls["glDispatchCompute"])
	Want(t, what+": bytes uploaded", c.BytesUploaded+c.Plan.Bytes, Total(w.Up))
	Want(t, what+": bytes downloaded", c.BytesDownloaded, Total(w.Down))
	Want(t, what+": glBufferSubData", w.Calls["glBufferSubData"], len(w.Up))
	Want(t, what+": glGetBufferSubData", w.Calls["glGetBufferSubData"], len(w.Down))
	Want(t, what+": other ways to move data or to dispatch", w.Calls["glMapBufferRange"]+w.Calls["glDispatchComputeIndirect"], 0)
}
