package model

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"gpusim/model/diag"
	"gpusim/model/yamltree"
)

// LoadOptions changes what is read, as flags of the command line do, before
// it is checked. The zero value changes nothing.
type LoadOptions struct {
	Set    []Override // --set NAME=VALUE, in order
	Params []Override // --param NAME=SPEC: these replace the file's sweep
	Design []Override // --design, --points, --design-seed, --seeds: words of the sweep
	Seed   *uint64    // --seed: run.seed
	From   *float64   // --from: run.start, ms
	To     *float64   // --to: the end of the run, ms
	Fit    FitOptions // flags of gpusim fit

	// ReadArray reads a .npy file; nil is the default reader.
	ReadArray func(path string) (data []float64, shape []int, err error)

	// Memory is what the network's arrays may take in all, in bytes; 0 is what
	// this machine has, as far as it says so.
	Memory int64
}

// Override is a value given on the command line.
type Override struct{ Name, Value string }

// Load reads and checks the network file at path, "-" for standard input. Its
// error is a *diag.Errors with every problem of the file, or that of reading
// it. Notes are remarks for the user, not errors.
func Load(path string, opts LoadOptions) (f *File, notes []*diag.Problem, err error) {
	if path == "-" {
		text, err := ReadText(os.Stdin)
		if err != nil {
			return nil, nil, fmt.Errorf("reading standard input: %w", err)
		}
		return Parse("stdin", text, ".", opts)
	}
	text, err := ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	return Parse(path, text, filepath.Dir(path), opts)
}

// ReadFile reads the text of a network file. Of one that is too long it reads
// as much as Parse needs to say so.
func ReadFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return ReadText(file)
}

// ReadText is ReadFile of what is open already.
func ReadText(r io.Reader) ([]byte, error) {
	return io.ReadAll(io.LimitReader(r, yamltree.MaxBytes+1))
}

// Parse checks the network file of the given text. Name is its name in
// messages, dir the folder that its file(...) paths are relative to.
func Parse(name string, text []byte, dir string, opts LoadOptions) (f *File, notes []*diag.Problem, err error) {
	if len(text) > yamltree.MaxBytes {
		list := &diag.List{Source: &diag.Source{Name: name}}
		list.Addf(diag.Pos{}, "the file has more than %d bytes, the most that is read", yamltree.MaxBytes).Hint = longFile
		return nil, nil, list.Err()
	}
	src := &diag.Source{Name: name, Text: yamltree.Clean(string(text))}
	l := newLoader(src, dir, opts)
	defer func() {
		if r := recover(); r != nil {
			if _, full := r.(diag.TooMany); !full {
				panic(r)
			}
			f, notes, err = nil, l.notes, l.list.Err()
		}
	}()
	l.root = yamltree.Parse(l.list)
	if l.root == nil {
		return nil, nil, l.list.Err()
	}
	if !l.isMap(l.root) {
		return nil, nil, l.list.Err()
	}
	l.edit()
	l.read()
	l.checkStructures()
	if err := l.list.Err(); err != nil {
		return nil, l.notes, err
	}
	return l.file, l.notes, nil
}

const longFile = "put long lists into .npy files"

// loader reads one file. It goes on after errors, leaving out what it could
// not read.
type loader struct {
	opts     LoadOptions
	list     *diag.List
	notes    []*diag.Problem
	root     *yamltree.Node
	file     *File
	models   map[string]*modelInfo
	consts   map[string]float64
	objects  map[string]diag.Pos // constants, populations, projections
	arrays   map[string]*Array   // by path
	methodAt diag.Pos
	nulls    map[*yamltree.Node]bool // empty values that are reported
	shaping  map[string]string       // constants and object.variable that the structure depends on, and what does
	kept     *budget                 // of the host's memory
	terms    int                     // of the objects so far
}

func newLoader(src *diag.Source, dir string, opts LoadOptions) *loader {
	if opts.ReadArray == nil {
		opts.ReadArray = readNpy
	}
	if opts.Memory == 0 {
		opts.Memory = machineMemory()
	}
	f := &File{Source: src, Dir: dir, FreeRun: true, memory: opts.Memory, opts: opts, arrays: map[string]*Array{}}
	list := &diag.List{Source: src, Most: maxProblems}
	return &loader{
		opts:    opts,
		list:    list,
		file:    f,
		kept:    &budget{file: f, list: list},
		models:  map[string]*modelInfo{},
		consts:  map[string]float64{},
		objects: map[string]diag.Pos{},
		arrays:  f.arrays,
		shaping: map[string]string{},
		nulls:   map[*yamltree.Node]bool{},
	}
}

// topKeys are the sections of a network file.
var topKeys = []string{
	"gpusim", "name", "dt", "method", "constants", "models", "populations", "projections",
	"inputs", "run", "measure", "sweep", "fit", "compare",
}

// read reads the sections, each after those it refers to.
func (l *loader) read() {
	f := l.file
	f.tree, f.shaping, f.arrays = l.root, l.shaping, l.arrays
	s := l.fields(l.root, "a network file", topKeys...)
	l.readVersion(s)
	f.Name = strings.TrimSuffix(filepath.Base(f.Source.Name), filepath.Ext(f.Source.Name))
	if n := s["name"]; n != nil {
		if text, ok := l.text(n.Value, "the name"); ok {
			f.Name = text
		}
	}
	l.readConstants(s["constants"])
	if n := l.need(s, l.root, "dt", "a network file"); n != nil {
		if v, ok := l.number(n.Value, "dt"); ok {
			f.Dt = v
			if v <= 0 {
				l.errorf(n.Value.Pos, "dt is a time in ms greater than 0, not %s", num(v))
			}
		}
	}
	f.Method = "exponential_euler"
	if n := s["method"]; n != nil {
		if m, ok := l.method(n.Value); ok {
			f.Method, l.methodAt = m, n.Value.Pos
		}
	}
	l.readModels(s["models"])
	if n := l.need(s, l.root, "populations", "a network file"); n != nil {
		l.readPopulations(n)
	}
	l.readProjections(s["projections"])
	l.readInputs(s["inputs"])
	if n := l.need(s, l.root, "run", "a network file"); n != nil {
		l.readRun(n)
	}
	l.checkSamples()
	l.readMeasures(s["measure"])
	l.readSweep(s["sweep"])
	l.readFit(s["fit"])
	l.checkColumns()
	l.checkSizes()
	l.readCompare(s["compare"])
}

// formatVersion is the version of the file format that this package reads.
const formatVersion = "1"

func (l *loader) readVersion(s fields) {
	e := s["gpusim"]
	if e == nil {
		l.errorf(l.root.Pos, "the key \"gpusim\" is missing").Hint = "begin the file with the version of its format: gpusim: 1"
		return
	}
	if text, ok := l.text(e.Value, "the version"); ok && text != formatVersion {
		l.errorf(e.Value.Pos, "this gpusim reads format version %s, not %s", formatVersion, quoted(text))
	}
}

func (l *loader) readCompare(e *yamltree.Entry) {
	if e == nil {
		return
	}
	if n := l.fields(e.Value, "compare", "free_run")["free_run"]; n != nil {
		l.file.FreeRun = l.boolean(n.Value, "free_run", true)
	}
}
