package ir

import "gpusim/model/diag"

// VarID is an index into Program.Vars. None is no variable.
type VarID int

// None is the VarID of no variable.
const None VarID = -1

// Role says what a Var is for.
type Role uint8

// The roles of a Var.
const (
	State   Role = iota // changed by the step; float
	Flag                // the spike condition when last evaluated; 0 or 1; state
	Last                // the step of the last spike, an integer; NeverSpiked before the first; state
	Spiked              // 1 where the neuron spiked in the last step that was done, else 0; state
	Line                // a delay line: the values of another variable after the last steps; state
	Input               // accumulator, cleared after its population's update; state
	Param               // constant during a run; set by the host
	Samples             // values of an input over time; set by the host
)

// NeverSpiked is the value of a Last variable before the first spike.
const NeverSpiked = -1 << 62

// IsState reports whether a variable of role r changes during a run: it is
// stored for each instance, saved, and restored by Reset.
func (r Role) IsState() bool { return r <= Input }

// Dim says over what a Var extends.
type Dim uint8

// The dimensions of a Var.
const (
	One             Dim = iota // one value
	PerNeuron                  // one a neuron of its population
	PerPre                     // one a presynaptic neuron of its projection
	PerSynapse                 // one a synapse of its projection, in synapse order
	PerSample                  // one a sample of time
	PerSampleNeuron            // one a neuron of its population for each sample of time: element sample*Size + neuron
	PerRow                     // Line: Rows rows of one a neuron of its population: element row*Size + neuron
)

// Var is an array of Len elements for each instance.
type Var struct {
	Name  string // object.variable
	Role  Role
	Dim   Dim
	Len   int
	Every int // PerSample, PerSampleNeuron: steps a sample lasts
	Rows  int // PerRow: number of rows
	// Population is the index of the population that the variable extends
	// over, of a PerPre variable that of the presynaptic neurons.
	Population int
	// Hidden: made by the compiler, such as the value of a synapse's state
	// between two statements of an event. It is state like any, but no result.
	Hidden bool
}

// Program is the step program of a network.
type Program struct {
	Name        string
	Source      *diag.Source // of the network file; places in statements refer to it
	Dt          float64      // ms
	Vars        []Var
	Temps       int // number of temporaries; IDs are unique in the program
	Populations []Population
	Projections []Projection
}

// Stmt is *Let or *Store.
type Stmt interface{ isStmt() }

// Let names a value for the rest of the element's step.
type Let struct {
	Temp *Temp
	Name string // the quantity's name, for readers
	Expr Expr
	At   diag.Pos
}

// Store writes the element's own value of Var.
type Store struct {
	Var  VarID
	Expr Expr
	At   diag.Pos
}

func (*Let) isStmt()   {}
func (*Store) isStmt() {}

// Block is statements (Lets only) and the value they lead to.
type Block struct {
	Lets  []Stmt
	Value Expr
}

// Coefficient is the A that exponential Euler takes for a state, for readers:
// Update holds what was made of it. A nil A is 0, plain Euler.
type Coefficient struct {
	Var VarID
	A   Expr
}

// Population is the step of a population; statements run for each neuron.
type Population struct {
	Name   string
	Size   int
	States []VarID
	Accums []VarID // its inputs, cleared after the records

	Inputs []Stmt // stores to Accums
	Update []Stmt // Lets on the old state, then Stores of the new
	Coeffs []Coefficient

	Spike      *Block // boolean; nil where the population never spikes
	Reset      []Stmt // run where the neuron spiked
	HasReset   bool   // false: a spike is the condition becoming true
	Refractory VarID  // K of semantics: steps after a spike in which the condition is not tested, plus 1; a Param; None without
	// IsRefractory is the boolean temp that Update's held equations read; a
	// back end defines it before Update: step - Last < K. Nil without.
	IsRefractory *Temp
	Flag         VarID // without reset; else None
	Last         VarID // step of the last spike, where Refractory is set; else None
	// Spiked is set where a projection from here has events: a back end
	// stores 1 there after the spike test where the neuron spiked, else 0.
	Spiked VarID
	Lines  []DelayLine // delay lines of its variables

	Records []Record
}

// DelayLine keeps the values of a variable of a population (a State, an Input or
// Spiked) after the last steps, for presynaptic loads with an Ago. At the end
// of step s a back end stores the values in row s modulo Var.Rows of Line,
// which are at least the largest Ago + 2: a row is free to be written while
// others still read the oldest that is needed. Before the first step all rows
// have what the host wrote there (the starting values; of Spiked 0).
type DelayLine struct{ Of, Line VarID }

// LineOf is the delay line of variable v; None where there is none.
func (p *Population) LineOf(v VarID) VarID {
	for _, l := range p.Lines {
		if l.Of == v {
			return l.Line
		}
	}
	return None
}

// ConnKind is the rule that Projection.Conn follows.
type ConnKind uint8

// The rules of connection.
const (
	AllToAll ConnKind = iota // every pair; without i == j where NoSelf
	OneToOne                 // i to i
	List                     // the pairs in Pre and Post
)

// Conn is the synapses of a projection, numbered in synapse order.
type Conn struct {
	Kind      ConnKind
	NoSelf    bool
	NPre      int
	NPost     int
	Pre, Post []int32 // of each synapse, for List
}

// Len is the number of synapses.
func (c *Conn) Len() int {
	switch c.Kind {
	case OneToOne:
		return c.NPre
	case List:
		return len(c.Pre)
	}
	if c.NoSelf {
		return c.NPre * (c.NPost - 1)
	}
	return c.NPre * c.NPost
}

// Ends returns the pre- and postsynaptic neuron of every synapse in synapse
// order. It allocates both for rules that do not store them.
func (c *Conn) Ends() (pre, post []int32) {
	if c.Kind == List {
		return c.Pre, c.Post
	}
	n := c.Len()
	pre, post = make([]int32, 0, n), make([]int32, 0, n)
	for i := 0; i < c.NPre; i++ {
		if c.Kind == OneToOne {
			pre, post = append(pre, int32(i)), append(post, int32(i))
			continue
		}
		for j := 0; j < c.NPost; j++ {
			if !c.NoSelf || i != j {
				pre, post = append(pre, int32(i)), append(post, int32(j))
			}
		}
	}
	return pre, post
}

// Projection is the step of a projection.
type Projection struct {
	Name     string
	From, To int // indices into Populations
	// PreStart and PostStart are where the groups that it connects begin: Conn
	// counts from there. Presynaptic neuron e of Conn is neuron PreStart + e of
	// From, and element e of the projection's PerPre variables.
	PreStart, PostStart int
	Conn                Conn
	Delay               int // D of semantics in steps, at least 1: presynaptic loads have Ago D - 1
	States              []VarID
	// Collapsed: its states have one value a presynaptic neuron (Dim PerPre),
	// and Update runs for each of those; else for each synapse.
	Collapsed bool
	// Update is the continuous update and then the statements of on_pre that
	// change the synapse's own state, selected by the presynaptic neuron's
	// Spiked variable.
	Update []Stmt
	Coeffs []Coefficient
	// Events are what on_pre adds to states and inputs of post: one a
	// statement, in sequence, each for all synapses before the next. They are
	// evaluated after Update; their sources are 0 where no spike arrives.
	Events  []Output
	Outputs []Output
	Records []Record
	Notes   []string // what the compiler found, for gpusim show --ir
}

// Form says how an Output is summed.
type Form uint8

// The forms of a sum.
const (
	// Rows: for each postsynaptic neuron the sum over its synapses of
	// Source, which may read anything on the pre side and of the synapse
	// (and Post loads where the output does not factor).
	Rows Form = iota
	// Total: all-to-all, and Source is one value a presynaptic neuron: the
	// sum over all of them, once, minus the neuron's own where NoSelf.
	Total
)

// Output adds the sum over m of (sum over synapses of Terms[m].Source) *
// Terms[m].Post to Target of each postsynaptic neuron.
type Output struct {
	Target VarID // an Input of population To; of an event also a State
	Form   Form
	Terms  []Term
	At     diag.Pos
}

// Term is a summed source side times a side of the postsynaptic neuron.
type Term struct {
	Source Block // evaluated for each synapse (Rows) or presynaptic neuron (Total)
	Post   Block // evaluated for each postsynaptic neuron: Post loads and Ones only
}
