package model

import (
	"gpusim/model/diag"
	"gpusim/model/lang"
	"gpusim/model/yamltree"
)

// File is a network file after parsing and checking: names resolve, no
// quantity depends on itself, conditions are conditions and numbers are
// numbers. Orders are those of the file.
type File struct {
	Source      *diag.Source
	Dir         string // folder that file(...) paths are relative to
	Name        string
	Dt          float64 // ms
	Method      string  // default method of its models
	Constants   []*Value
	Models      []*Model // those of the file and the built-in ones it uses
	Populations []*Population
	Projections []*Projection
	Inputs      []*Input
	Run         RunSpec
	Measures    []*Measure
	Sweep       *Sweep // nil where the file has none
	Fit         *Fit   // nil where the file has none
	FreeRun     bool   // compare: {free_run: false} clears it

	tree   *yamltree.Node    // the file as it runs, edits applied
	arrays map[string]*Array // those that it reads, by path
	memory int64             // bytes that the machine has; 0: not known

	shaping map[string]string // what the structure depends on, and what does
	opts    LoadOptions       // of what reads arrays
}

// Shaped says what of the structure depends on a constant or an object.variable,
// such as "dt" or "the delay of J"; "" where nothing does. A new value of it needs
// a new file: dt, sizes and delays are evaluated when the file is read.
func (f *File) Shaped(name string) string { return f.shaping[name] }

// Kind says what a model describes.
type Kind int

// The kinds of model.
const (
	NeuronModel Kind = iota
	SynapseModel
)

// Model is a neuron or synapse model.
type Model struct {
	At         diag.Pos
	Name       string
	BuiltIn    bool
	Kind       Kind
	Method     string // exponential_euler, euler, ...; never empty
	MethodAt   diag.Pos
	Parameters []*Value
	States     []*Value // with their default starts
	Inputs     []*Ident // accumulators
	Equations  []*lang.Equation
	Order      []int          // indices of the quantities in Equations, each after those it reads
	Spike      lang.Node      // nil: never spikes
	Reset      []*lang.Assign // nil: no reset
	Refractory lang.Node      // nil: none; an expression of parameters, ms
	OnPre      []*lang.Assign
	OnPost     []*lang.Assign
	Outputs    []*lang.Assign // post.X += or -= expr
	Delay      *Value         // nil: none
}

// Ident is a declared name and its place.
type Ident struct {
	At   diag.Pos
	Name string
}

// Value is what a name stands for: an expression, which may hold draws, or an
// array from a file.
type Value struct {
	At    diag.Pos
	Name  string
	Expr  lang.Node // nil where Array is set
	File  string    // as written in file(...)
	Array *Array
}

// Array is the content of a .npy file.
type Array struct {
	Path  string // where it was read from
	Shape []int
	Data  []float64
}

// Range is a named group [Start, Stop) of a population's neurons.
type Range struct {
	At          diag.Pos
	Name        string
	Start, Stop int
}

// Span is the neurons of a group, or all of the population where r is nil.
func (p *Population) Span(r *Range) (start, stop int) {
	if r == nil {
		return 0, p.Size
	}
	return r.Start, r.Stop
}

// Called is the name of a group, such as P.E, or of all of the population where r
// is nil.
func (p *Population) Called(r *Range) string {
	if r == nil {
		return p.Name
	}
	return p.Name + "." + r.Name
}

// Population is a number of neurons of one model.
type Population struct {
	At         diag.Pos
	Name       string
	Model      *Model
	Size       int
	Groups     []*Range
	Parameters []*Value // overriding the model's
	Init       []*Value // overriding the model's
	Record     []*Record
}

// ConnectKind is a rule of connection.
type ConnectKind int

// The rules of connection.
const (
	AllToAll ConnectKind = iota
	OneToOne
	FixedProbability
	Pairs
)

// Connect says which synapses exist.
type Connect struct {
	At        diag.Pos
	Kind      ConnectKind
	Self      bool // all_to_all, fixed_probability: neuron i to itself, within one population
	P         float64
	Seed      *uint64 // nil: run.seed
	Pre, Post []int32 // pairs, in synapse order as given
}

// Projection is the synapses of one model from one population to another.
type Projection struct {
	At         diag.Pos
	Name       string
	Model      *Model
	From, To   *Population
	FromGroup  *Range // nil: all of From; indices of synapses count from its start
	ToGroup    *Range // nil: all of To
	Connect    Connect
	Parameters []*Value
	Init       []*Value
	Delay      *Value // overriding the model's
	Record     []*Record

	drawn *drawn // the synapses of a rule that draws
}

// InputKind is the shape that an input's value has.
type InputKind int

// The shapes of an input's value.
const (
	Constant InputKind = iota // a number, or an expression of parameters, i and t
	PerNeuron
	PerTime
	PerTimeAndNeuron
)

// Input is a value applied to an input or state of a population each step.
type Input struct {
	At          diag.Pos
	To          *Population
	Group       *Range // nil: all of To
	Target      string // the model's input
	Op          string // add, subtract, multiply, divide, set
	Kind        InputKind
	Value       *Value
	Every       float64  // ms between samples of PerTime and PerTimeAndNeuron
	From, Until *float64 // ms; nil: always
}

// Record asks for a variable of a population or projection ("spikes" too).
type Record struct {
	At    diag.Pos
	Name  string
	Key   string // in results, where it follows the object's name and a dot; "": Name
	Every int    // steps between rows, at least 1
	// Of are the elements that are kept, in the order of a row; nil: all. For a
	// mean each counts once, and the order is no matter.
	Of   []int
	Mean bool // a row is one number, the mean of those elements
}

// Called is what results call the record, without its object.
func (r *Record) Called() string {
	if r.Key == "" {
		return r.Name
	}
	return r.Key
}

// RunSpec is the time span and the seed of a run.
type RunSpec struct {
	Start, Duration float64 // ms
	Seed            uint64
}

// Measure asks for a number computed from spikes or traces.
type Measure struct {
	At       diag.Pos
	Kind     string // cross_correlation, voltage_fluctuation, rate, isi_mean, isi_cv
	Key      string // its name in results
	Of       *Population
	Group    *Range   // nil: all of Of
	Bin      float64  // ms, cross_correlation
	From, To *float64 // ms; nil: the run's
}

// Fit is what a search looks for: within bounds, the point at which the goal is
// met best.
type Fit struct {
	At          diag.Pos
	Parameters  []*Bounds
	Goal        Goal
	Population  int    // points of a generation
	Generations int    // at most; 0: as many as Evaluations allows
	Evaluations int    // at most
	Seed        uint64 // of the search's own draws
	Seeds       int    // that a point is run with: run.seed and those that follow it
	Tolerance   float64
}

// Bounds are those of a parameter of a search.
type Bounds struct {
	At       diag.Pos
	Name     string // object.variable, constant, inputs.K.value
	From, To float64
	Log      bool    // searched in its logarithm
	Start    float64 // where the search begins
}

// GoalKind says what a search does with measures.
type GoalKind int

// The kinds of goal.
const (
	Maximize GoalKind = iota
	Minimize
	MeetTargets
)

// Goal is what a search is after.
type Goal struct {
	At      diag.Pos
	Kind    GoalKind
	Measure string    // the key of the one to maximize or minimize
	Targets []*Target // of MeetTargets
}

// Target is the value that a measure is wanted to have. It counts in the sum as
// Weight times the square of (the measure - Value)/Scale.
type Target struct {
	At                   diag.Pos
	Measure              string // its key
	Value, Weight, Scale float64
}
