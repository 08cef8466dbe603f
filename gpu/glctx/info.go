package glctx

import (
	"fmt"
	"strings"

	"github.com/go-gl/gl/v4.3-core/gl"
)

// Info describes the device behind a context. It does not change.
type Info struct {
	Kind        string // "EGL surfaceless", "EGL device 0", "GLFW window"
	Vendor      string
	Renderer    string
	Version     string // GL_VERSION, with the driver's own version
	GLSLVersion string
	Limits      Limits
}

// Software says whether the renderer runs on the CPU.
func (i Info) Software() bool { return isSoftware(i.Renderer) }

func isSoftware(renderer string) bool {
	for _, name := range []string{"llvmpipe", "softpipe", "swrast", "SwiftShader", "Software Rasterizer"} {
		if strings.Contains(renderer, name) {
			return true
		}
	}
	return false
}

// Limits are the device's limits that matter to compute kernels.
type Limits struct {
	MaxComputeStorageBlocks int    // storage buffers a kernel may use, at bindings below this
	MaxStorageBlockSize     int64  // bytes of one binding, and of one buffer here
	MaxInvocations          int    // invocations of a work group
	MaxGroupSize            [3]int // work group size by dimension
	MaxGroupCount           [3]int // work groups of a dispatch by dimension
	MaxSharedBytes          int    // shared memory of a work group
	StorageOffsetAlignment  int    // a binding's offset is a multiple of this power of two
}

// MinimumLimits returns what every OpenGL 4.3 implementation promises (OpenGL 4.3
// core specification, state tables of implementation dependent values). The alignment
// is the largest that one may ask for.
func MinimumLimits() Limits {
	return Limits{
		MaxComputeStorageBlocks: 8,
		MaxStorageBlockSize:     1 << 24,
		MaxInvocations:          1024,
		MaxGroupSize:            [3]int{1024, 1024, 64},
		MaxGroupCount:           [3]int{65535, 65535, 65535},
		MaxSharedBytes:          32768,
		StorageOffsetAlignment:  256,
	}
}

// lowered returns l with every limit of o that is set and stricter.
func (l Limits) lowered(o Limits) Limits {
	lower := func(have *int, want int) {
		if want > 0 {
			*have = min(*have, want)
		}
	}
	lower(&l.MaxComputeStorageBlocks, o.MaxComputeStorageBlocks)
	if o.MaxStorageBlockSize > 0 {
		l.MaxStorageBlockSize = min(l.MaxStorageBlockSize, o.MaxStorageBlockSize)
	}
	lower(&l.MaxInvocations, o.MaxInvocations)
	for i := range 3 {
		lower(&l.MaxGroupSize[i], o.MaxGroupSize[i])
		lower(&l.MaxGroupCount[i], o.MaxGroupCount[i])
	}
	lower(&l.MaxSharedBytes, o.MaxSharedBytes)
	l.StorageOffsetAlignment = max(l.StorageOffsetAlignment, o.StorageOffsetAlignment)
	return l
}

// FoldGroups spreads a number of work groups over the dimensions x and y, because a
// dimension has a limit that is often as low as 65,535. It keeps x*y as near to
// groups as it can; where groups has no such factors, x*y exceeds it by less than y.
// A kernel therefore computes its group as
//
//	uint group = gl_WorkGroupID.x + gl_WorkGroupID.y * gl_NumWorkGroups.x;
//
// and does nothing where that is not below the number that it was meant to have.
func (l Limits) FoldGroups(groups int) (x, y int, err error) {
	if groups < 0 {
		return 0, 0, fmt.Errorf("glctx: %d work groups", groups)
	}
	if groups <= l.MaxGroupCount[0] {
		return groups, 1, nil
	}
	y = ceilDiv(groups, l.MaxGroupCount[0])
	if y > l.MaxGroupCount[1] {
		return 0, 0, fmt.Errorf("glctx: %d work groups, at most %d x %d: %w",
			groups, l.MaxGroupCount[0], l.MaxGroupCount[1], ErrTooLarge)
	}
	return ceilDiv(groups, y), y, nil
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }

// queryInfo asks the current context who it is.
func queryInfo(kind string) Info {
	return Info{
		Kind:        kind,
		Vendor:      getString(gl.VENDOR),
		Renderer:    getString(gl.RENDERER),
		Version:     getString(gl.VERSION),
		GLSLVersion: getString(gl.SHADING_LANGUAGE_VERSION),
		Limits:      queryLimits(),
	}
}

// A versionError is a driver below OpenGL 4.3.
type versionError struct{ version, renderer string }

func (e *versionError) Error() string {
	if e.version == "" {
		return "OpenGL 4.3 is needed, and the driver names no version"
	}
	return fmt.Sprintf("OpenGL 4.3 is needed, found %s on %s", e.version, e.renderer)
}

// versionAtLeast reads a GL_VERSION string, "4.5 (Core Profile) Mesa 22.3.6".
func versionAtLeast(version string, major, minor int) bool {
	var a, b int
	if _, err := fmt.Sscanf(version, "%d.%d", &a, &b); err != nil {
		return false
	}
	return a > major || a == major && b >= minor
}

func getString(name uint32) string {
	p := gl.GetString(name)
	if p == nil {
		return ""
	}
	return gl.GoStr(p)
}

func getInt(name uint32) int {
	var v int32
	gl.GetIntegerv(name, &v)
	return int(v)
}

func queryLimits() Limits {
	l := Limits{
		MaxComputeStorageBlocks: min(getInt(gl.MAX_COMPUTE_SHADER_STORAGE_BLOCKS), getInt(gl.MAX_SHADER_STORAGE_BUFFER_BINDINGS)),
		MaxInvocations:          getInt(gl.MAX_COMPUTE_WORK_GROUP_INVOCATIONS),
		MaxSharedBytes:          getInt(gl.MAX_COMPUTE_SHARED_MEMORY_SIZE),
		StorageOffsetAlignment:  max(1, getInt(gl.SHADER_STORAGE_BUFFER_OFFSET_ALIGNMENT)),
	}
	gl.GetInteger64v(gl.MAX_SHADER_STORAGE_BLOCK_SIZE, &l.MaxStorageBlockSize)
	for i := range 3 {
		l.MaxGroupSize[i] = getIndexed(gl.MAX_COMPUTE_WORK_GROUP_SIZE, i)
		l.MaxGroupCount[i] = getIndexed(gl.MAX_COMPUTE_WORK_GROUP_COUNT, i)
	}
	return l
}

// getIndexed clamps to what glDispatchCompute and our ints can carry: some drivers
// answer 2^32 - 1, which reads as -1.
func getIndexed(name uint32, index int) int {
	var v int32
	gl.GetIntegeri_v(name, uint32(index), &v)
	if v < 0 {
		return 1<<31 - 1
	}
	return int(v)
}
