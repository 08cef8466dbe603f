package glctx_test

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"testing"
	"unsafe"

	"gpusim/gpu/glctx"
	"gpusim/gpu/gltest"
)

func TestBuffers(t *testing.T) {
	c := open(t, glctx.Options{})
	do(t, c, func(g *glctx.GL) error {
		b, err := g.NewBuffer("b", 10)
		if err != nil {
			return err
		}
		if b.Name() != "b" || b.Size() != 10 || b.Allocated() != 16 {
			t.Errorf("buffer %s has %d bytes in %d", b.Name(), b.Size(), b.Allocated())
		}
		// wantBytes downloads the whole buffer.
		wantBytes := func(when string, want ...byte) {
			t.Helper()
			got := bytes.Repeat([]byte{99}, 10)
			if err := g.Download(b, 0, got); err != nil {
				t.Error(err)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", when, got, want)
			}
		}
		wantBytes("new", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
		steps := []struct {
			name string
			err  error
			want []byte
		}{
			{"upload", g.Upload(b, 3, []byte{1, 2, 3}), nil},
			{"empty upload at the end", g.Upload(b, 10, nil), nil},
			{"empty download", g.Download(b, 10, nil), nil},
		}
		for _, s := range steps {
			if s.err != nil {
				t.Errorf("%s: %v", s.name, s.err)
			}
		}
		wantBytes("uploaded", 0, 0, 0, 1, 2, 3, 0, 0, 0, 0)
		if err := g.Copy(b, 7, b, 4, 2); err != nil {
			t.Error(err)
		}
		wantBytes("copied", 0, 0, 0, 1, 2, 3, 0, 2, 3, 0)
		part := make([]byte, 2)
		if err := g.Download(b, 7, part); err != nil || part[0] != 2 || part[1] != 3 {
			t.Errorf("part: %v, %v", part, err)
		}
		if err := g.Clear(b); err != nil {
			t.Error(err)
		}
		wantBytes("cleared", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
		return g.DeleteBuffer(b)
	})
}

func TestLedger(t *testing.T) {
	c := open(t, glctx.Options{})
	do(t, c, func(g *glctx.GL) error {
		var buffers []*glctx.Buffer
		for _, size := range []int{0, 1, 16, 1000} {
			b, err := g.NewBuffer("b", size)
			if err != nil {
				return err
			}
			buffers = append(buffers, b)
		}
		p, err := g.NewProgram("doubling", doubling)
		if err != nil {
			return err
		}
		big := buffers[3]
		if err := errors.Join(
			g.Upload(big, 0, make([]byte, 1000)),
			g.Upload(big, 0, make([]byte, 8)),
			g.Upload(big, 0, nil),
			g.SetUint(p, "n", 0),
			g.Dispatch(p, 3, []glctx.Binding{{Buffer: big}}),
			g.Dispatch(p, 0, []glctx.Binding{{Buffer: big}}),
			g.Download(big, 0, make([]byte, 500)),
		); err != nil {
			return err
		}
		want := glctx.Counters{
			ProgramsBuilt: 1, Dispatches: 1,
			Uploads: 2, BytesUploaded: 1008, Downloads: 1, BytesDownloaded: 500,
			LiveBuffers: 4, LiveBytes: 16 + 16 + 16 + 1008, LivePrograms: 1,
		}
		if got := c.Counters(); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		for range 2 { // deleting again does nothing
			for _, b := range buffers {
				if err := g.DeleteBuffer(b); err != nil {
					t.Error(err)
				}
			}
			if err := g.DeleteProgram(p); err != nil {
				t.Error(err)
			}
		}
		want.LiveBuffers, want.LiveBytes, want.LivePrograms = 0, 0, 0
		if got := c.Counters(); got != want {
			t.Errorf("after deletion: got %+v, want %+v", got, want)
		}
		return errors.Join(g.DeleteBuffer(nil), g.DeleteProgram(nil))
	})
}

func TestBufferErrors(t *testing.T) {
	limits := glctx.MinimumLimits()
	c := open(t, glctx.Options{Limits: &limits})
	do(t, c, func(g *glctx.GL) error {
		b, err := g.NewBuffer("weights", 100)
		if err != nil {
			return err
		}
		gone, err := g.NewBuffer("gone", 1)
		if err != nil {
			return err
		}
		if err := g.DeleteBuffer(gone); err != nil {
			return err
		}
		_, tooLarge := g.NewBuffer("state", 1<<24+1)
		if !errors.Is(tooLarge, glctx.ErrTooLarge) {
			t.Errorf("%v does not wrap ErrTooLarge", tooLarge)
		}
		_, negative := g.NewBuffer("state", -1)
		for _, test := range []struct {
			err  error
			want string
		}{
			{tooLarge, "glctx: buffer state: 16777217 bytes, at most 16777216: too large for this device"},
			{negative, "glctx: buffer state: a size of -1 bytes"},
			{g.Upload(b, 99, make([]byte, 2)), "glctx: buffer weights: upload: 2 bytes at 99 do not lie within its 100"},
			{g.Upload(b, -1, make([]byte, 2)), "glctx: buffer weights: upload: 2 bytes at -1 do not lie within its 100"},
			{g.Download(b, 101, nil), "glctx: buffer weights: download: 0 bytes at 101 do not lie within its 100"},
			{g.Copy(b, 0, b, math.MaxInt, 4), "glctx: buffer weights: copy from: 4 bytes at 9223372036854775807 do not lie within its 100"},
			{g.Copy(b, 90, b, 0, 11), "glctx: buffer weights: copy to: 11 bytes at 90 do not lie within its 100"},
			{g.Copy(b, 4, b, 0, 8), "glctx: buffer weights: copy of 8 bytes from 0 to 4 overlaps itself"},
			{g.Clear(gone), "glctx: buffer gone: clear: it was deleted"},
			{g.Clear(nil), "glctx: clear: no buffer"},
		} {
			wantError(t, test.err, test.want)
		}
		return nil
	})
}

func TestLargestBuffer(t *testing.T) {
	limits := glctx.MinimumLimits()
	c := open(t, glctx.Options{Limits: &limits})
	n := int(limits.MaxStorageBlockSize) / 4
	if err := doubleOn(c, n); err != nil {
		t.Error(err)
	}
}

// A device without memory, played by the hook: the driver's glBufferData is left out.
func TestOutOfMemory(t *testing.T) {
	const outOfMemory = 0x0505
	pending := uint32(0)
	c := open(t, glctx.Options{ProcAddr: gltest.Replace(map[string]any{
		"glBufferData": func(target uint32, size uintptr, data unsafe.Pointer, usage uint32) { pending = outOfMemory },
		"glGetError": func() uint32 {
			code := pending
			pending = 0
			return code
		},
	})})
	err := c.Do("allocate", func(g *glctx.GL) error {
		_, err := g.NewBuffer("state", 1000)
		return err
	})
	wantError(t, err, "glctx: buffer state: the device is out of memory for 1008 bytes")
	if !errors.Is(err, glctx.ErrOutOfMemory) || !errors.Is(err, glctx.ErrTooLarge) {
		t.Errorf("%v is not one of ErrOutOfMemory and ErrTooLarge", err)
	}
	if got := c.Counters(); got != (glctx.Counters{}) {
		t.Errorf("counters are %+v, want none", got)
	}
}

func TestBytes(t *testing.T) {
	if got := glctx.Bytes([]float32(nil)); got != nil {
		t.Errorf("of nothing: %v", got)
	}
	x := []uint32{1, 2}
	b := glctx.Bytes(x)
	if len(b) != 8 {
		t.Fatalf("%d bytes of two words", len(b))
	}
	clear(b[:4])
	if x[0] != 0 || x[1] != 2 {
		t.Errorf("clearing the first word's bytes left %v", x)
	}
}
