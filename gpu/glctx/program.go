package glctx

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/go-gl/gl/v4.3-core/gl"
)

// A Program is a compiled and linked compute shader. It belongs to the context that
// made it.
type Program struct {
	c         *Context
	id        uint32 // 0 once deleted
	name      string
	groupSize [3]int
	uniforms  map[string]int32 // name to location, looked up once
	blocks    []int            // the bindings of its storage blocks
}

// Name is the name given to NewProgram.
func (p *Program) Name() string { return p.name }

// GroupSize is the work group size that the source declares.
func (p *Program) GroupSize() [3]int { return p.groupSize }

// HasUniform says whether the program uses the uniform; the compiler drops unused ones.
func (p *Program) HasUniform(name string) bool {
	_, ok := p.uniforms[name]
	return ok
}

// A ShaderError is a program that the driver does not compile or link.
type ShaderError struct {
	Name   string // of the program
	Stage  string // "compile" or "link"
	Log    string // as the driver wrote it
	Source string
}

// Error shows the log, and under each entry that names a line of the source, that line.
func (e *ShaderError) Error() string {
	var s strings.Builder
	fmt.Fprintf(&s, "glctx: program %s does not %s:", e.Name, e.Stage)
	source := strings.Split(e.Source, "\n")
	for entry := range strings.SplitSeq(strings.TrimSpace(e.Log), "\n") {
		fmt.Fprintf(&s, "\n%s", strings.TrimRight(entry, " \r\x00"))
		if n := logLine(entry); n >= 1 && n <= len(source) {
			fmt.Fprintf(&s, "\n%6d | %s", n, strings.TrimRight(source[n-1], " \r"))
		}
	}
	return s.String()
}

// Lines are the lines of the source, from 1, that the log's errors name, not those
// of its warnings.
func (e *ShaderError) Lines() (lines []int) {
	for entry := range strings.SplitSeq(e.Log, "\n") {
		n := logLine(entry)
		if n >= 1 && n <= strings.Count(e.Source, "\n")+1 && !strings.Contains(strings.ToLower(entry), "warning") {
			lines = append(lines, n)
		}
	}
	return lines
}

// logEntry finds the line number in Mesa's "0:12(5): error: ...", NVIDIA's
// "0(12) : error C1503: ..." and Intel's and AMD's "ERROR: 0:12: ...".
var logEntry = regexp.MustCompile(`^(?:\w+: )?\d+(?::(\d+)|\((\d+)\))`)

func logLine(entry string) int {
	m := logEntry.FindStringSubmatch(entry)
	if m == nil {
		return 0
	}
	n, err := strconv.Atoi(m[1] + m[2]) // one of them is empty
	if err != nil {
		return 0
	}
	return n
}

// NewProgram compiles and links a compute shader. What the driver does not accept is
// a *ShaderError. A program that exceeds the context's limits is refused even where
// the device itself would run it.
func (g *GL) NewProgram(name, source string) (*Program, error) {
	if err := g.usable(); err != nil {
		return nil, err
	}
	g.collect() // so that the messages discarded below are those of this program

	shader := gl.CreateShader(gl.COMPUTE_SHADER)
	defer gl.DeleteShader(shader)
	text, free := gl.Strs(source + "\x00")
	gl.ShaderSource(shader, 1, text, nil)
	free()
	gl.CompileShader(shader)
	if log, ok := statusAndLog(shader, gl.COMPILE_STATUS, gl.GetShaderiv, gl.GetShaderInfoLog); !ok {
		g.discardErrors() // the log again, as a message
		return nil, &ShaderError{Name: name, Stage: "compile", Log: log, Source: source}
	}

	p := &Program{c: g.c, name: name, id: gl.CreateProgram()}
	gl.AttachShader(p.id, shader)
	gl.LinkProgram(p.id)
	gl.DetachShader(p.id, shader)
	if log, ok := statusAndLog(p.id, gl.LINK_STATUS, gl.GetProgramiv, gl.GetProgramInfoLog); !ok {
		gl.DeleteProgram(p.id)
		g.discardErrors()
		return nil, &ShaderError{Name: name, Stage: "link", Log: log, Source: source}
	}
	g.c.count(func(n *Counters) { n.ProgramsBuilt++ })
	p.inspect()
	if err := p.checkLimits(g.c.info.Limits); err != nil {
		gl.DeleteProgram(p.id)
		return nil, err
	}
	g.c.count(func(n *Counters) { n.LivePrograms++ })
	return p, nil
}

// statusAndLog reads the result of compiling a shader or linking a program.
func statusAndLog(id, status uint32, get func(uint32, uint32, *int32), getLog func(uint32, int32, *int32, *uint8)) (string, bool) {
	var ok, length int32
	get(id, status, &ok)
	get(id, gl.INFO_LOG_LENGTH, &length)
	if length <= 0 {
		return "(the driver gave no reason)", ok == gl.TRUE
	}
	log := make([]byte, length)
	getLog(id, length, &length, &log[0])
	return string(log[:length]), ok == gl.TRUE
}

// inspect reads from the linked program its group size, storage blocks and uniforms.
func (p *Program) inspect() {
	var size [3]int32
	gl.GetProgramiv(p.id, gl.COMPUTE_WORK_GROUP_SIZE, &size[0])
	for i := range 3 {
		p.groupSize[i] = int(size[i])
	}
	var blocks, binding int32
	gl.GetProgramInterfaceiv(p.id, gl.SHADER_STORAGE_BLOCK, gl.ACTIVE_RESOURCES, &blocks)
	property := uint32(gl.BUFFER_BINDING)
	for i := range uint32(blocks) {
		gl.GetProgramResourceiv(p.id, gl.SHADER_STORAGE_BLOCK, i, 1, &property, 1, nil, &binding)
		p.blocks = append(p.blocks, int(binding))
	}
	var count, longest int32
	gl.GetProgramiv(p.id, gl.ACTIVE_UNIFORMS, &count)
	gl.GetProgramiv(p.id, gl.ACTIVE_UNIFORM_MAX_LENGTH, &longest)
	p.uniforms = make(map[string]int32, count)
	name := make([]byte, longest+1)
	for i := range uint32(count) {
		var length, elements int32
		var kind uint32
		gl.GetActiveUniform(p.id, i, int32(len(name)), &length, &elements, &kind, &name[0])
		location := gl.GetUniformLocation(p.id, &name[0])
		if location >= 0 { // a member of a uniform block has none
			p.uniforms[string(name[:length])] = location
		}
	}
}

// checkLimits compares the program with the limits, which may be lower than the
// device's own. Shared memory cannot be read from a program; the driver checks that.
func (p *Program) checkLimits(l Limits) error {
	tooLarge := func(n int, what string, limit int) error {
		return fmt.Errorf("glctx: program %s: %d %s, at most %d: %w", p.name, n, what, limit, ErrTooLarge)
	}
	if n := p.groupSize[0] * p.groupSize[1] * p.groupSize[2]; n > l.MaxInvocations {
		return tooLarge(n, "invocations in a work group", l.MaxInvocations)
	}
	for i, n := range p.groupSize {
		if n > l.MaxGroupSize[i] {
			return tooLarge(n, fmt.Sprintf("invocations in dimension %d of a work group", i), l.MaxGroupSize[i])
		}
	}
	if n := len(p.blocks); n > l.MaxComputeStorageBlocks {
		return tooLarge(n, "storage blocks", l.MaxComputeStorageBlocks)
	}
	return nil
}

// SetUint sets a uniform of type uint. It keeps its value until set again. A uniform
// that the program does not use is an error, since that is most often a misspelling.
func (g *GL) SetUint(p *Program, name string, v uint32) error {
	location, err := g.uniform(p, name)
	if err == nil {
		gl.ProgramUniform1ui(p.id, location, v)
	}
	return err
}

// SetFloat sets a uniform of type float, as SetUint does one of type uint.
func (g *GL) SetFloat(p *Program, name string, v float32) error {
	location, err := g.uniform(p, name)
	if err == nil {
		gl.ProgramUniform1f(p.id, location, v)
	}
	return err
}

func (g *GL) uniform(p *Program, name string) (int32, error) {
	if err := g.checkProgram(p, "set "+name); err != nil {
		return 0, err
	}
	location, ok := p.uniforms[name]
	if !ok {
		return 0, fmt.Errorf("glctx: program %s: it has no uniform %s, or does not use it", p.name, name)
	}
	return location, nil
}

// DeleteProgram frees the program. Deleting it again, or nil, does nothing.
func (g *GL) DeleteProgram(p *Program) error {
	if p == nil || p.id == 0 {
		return nil
	}
	if err := g.checkProgram(p, "delete"); err != nil {
		return err
	}
	gl.DeleteProgram(p.id)
	p.id = 0
	g.c.count(func(n *Counters) { n.LivePrograms-- })
	return nil
}

func (g *GL) checkProgram(p *Program, verb string) error {
	if err := g.usable(); err != nil {
		return err
	}
	switch {
	case p == nil:
		return fmt.Errorf("glctx: %s: no program", verb)
	case p.c != g.c:
		return fmt.Errorf("glctx: program %s: %s: it belongs to another context", p.name, verb)
	case p.id == 0:
		return fmt.Errorf("glctx: program %s: %s: it was deleted", p.name, verb)
	}
	return nil
}
