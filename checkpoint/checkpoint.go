package checkpoint

import "encoding/json"

// Checkpoint is a network as it stands between two steps, on its own: nothing else is
// needed to go on from it.
type Checkpoint struct {
	// Gpusim is the version of the program that wrote it. Whoever writes it says so.
	Gpusim string `json:"gpusim"`
	Device Device `json:"device"`

	// Network is the text of the network file as it runs, the paths of its arrays
	// being those of Arrays, and SHA256 the text's, in hexadecimal. File is the name
	// that the file had. Identity is a hash of the network: the same for two files
	// that differ in how long they run only. Program is that of the step program.
	File     string  `json:"file"`
	Network  string  `json:"network"`
	SHA256   string  `json:"network_sha256"`
	Identity string  `json:"identity"`
	Program  string  `json:"program"`
	Arrays   []Array `json:"arrays,omitempty"`

	Instances  int      `json:"instances"`
	PerSynapse bool     `json:"per_synapse,omitempty"`
	Seeds      []uint64 `json:"seeds"` // one, or one an instance
	SeedSet    bool     `json:"seed_set,omitempty"`
	Clock      Clock    `json:"clock"`

	// Variables is all state, of every instance.
	Variables []Variable `json:"variables"`
	// Unequal are the states of projections that have a value a synapse though one a
	// presynaptic neuron could do.
	Unequal []string `json:"unequal,omitempty"`

	// What was set since the file was read: values, inputs, what is recorded.
	Values        []Value   `json:"values,omitempty"`
	Inputs        []Input   `json:"inputs"`
	DroppedInputs []int     `json:"dropped_inputs,omitempty"` // by their numbers in the file
	Records       []Records `json:"records,omitempty"`

	// Run is what the program that runs the network keeps beside it, and Extra the
	// bytes of that.
	Run   json.RawMessage `json:"run,omitempty"`
	Extra []Named         `json:"extra,omitempty"`
}

// Device is what computed.
type Device struct {
	Device    string `json:"device"`
	Driver    string `json:"driver"`
	Engine    string `json:"engine"`
	Precision string `json:"precision"`
}

// Array is a .npy file that the network text reads, by its path there.
type Array struct {
	Path string `json:"path"`
	File Bytes  `json:"file"`
}

// Clock says when the network stands. Steps count from time 0.
type Clock struct {
	DtMs      float64 `json:"dt_ms"`
	Step      int64   `json:"step"` // the next one
	Ms        float64 `json:"ms"`
	Origin    int64   `json:"origin"` // the step that samples of inputs count from
	StartStep int64   `json:"start_step"`
	StartMs   float64 `json:"start_ms"` // where a reset goes back to
	StartSet  bool    `json:"start_set,omitempty"`
	Started   bool    `json:"started"` // a step was done since the start
}

// Variable is a variable of the step program: so many numbers for each instance, one
// instance after another.
type Variable struct {
	Name string  `json:"name"`
	Dim  string  `json:"dim"`
	Data Numbers `json:"data"`
}

// Value is what was given for a name: a row for all instances, or one for each.
type Value struct {
	Name string  `json:"name,omitempty"` // none for an input
	Dim  string  `json:"dim"`
	Rows int     `json:"rows"`
	Data Numbers `json:"data"`
}

// Input is an input in the order of the network's. One of the file's has only what
// may be set of it.
type Input struct {
	Number int     `json:"number"` // in the file; -1: it was added
	To     string  `json:"to,omitempty"`
	Group  string  `json:"group,omitempty"`
	Target string  `json:"target,omitempty"`
	Op     string  `json:"op"`
	Kind   string  `json:"kind"`
	Every  float64 `json:"every_ms,omitempty"`
	// From and Until are in ms.
	From       *float64 `json:"from,omitempty"`
	Until      *float64 `json:"until,omitempty"`
	Expression string   `json:"expression,omitempty"`
	Set        bool     `json:"set,omitempty"`
	Given      *Value   `json:"given,omitempty"`
}

// Records is what is recorded of an object in place of what the file says.
type Records struct {
	Object string   `json:"object"`
	List   []Record `json:"list"`
}

// Record is a recorded variable.
type Record struct {
	Name  string `json:"name"`
	Key   string `json:"key,omitempty"` // in results; empty: Name
	Every int    `json:"every"`
	Of    []int  `json:"of,omitempty"`
	Mean  bool   `json:"mean,omitempty"`
}

// Named is bytes by their name.
type Named struct {
	Name string `json:"name"`
	Data Bytes  `json:"data"`
}

// Numbers is a block of float64.
type Numbers struct {
	Type  string    `json:"type"` // f8 or f4
	Count int       `json:"count"`
	Data  []float64 `json:"-"`
}

// Bytes is a block of bytes.
type Bytes struct {
	Count int    `json:"count"`
	Data  []byte `json:"-"`
}

// Array gives the .npy file at a path of the network text; nil where there is none.
func (c *Checkpoint) Array(path string) []byte {
	for i := range c.Arrays {
		if c.Arrays[i].Path == path {
			return c.Arrays[i].File.Data
		}
	}
	return nil
}

// AddExtra keeps bytes of the program that runs the network.
func (c *Checkpoint) AddExtra(name string, data []byte) {
	c.Extra = append(c.Extra, Named{name, Bytes{Data: data}})
}

// ExtraOf gives the bytes that AddExtra kept; nil where there are none.
func (c *Checkpoint) ExtraOf(name string) []byte {
	for i := range c.Extra {
		if c.Extra[i].Name == name {
			return c.Extra[i].Data.Data
		}
	}
	return nil
}

// blocks gives all blocks in the order of the file.
func (c *Checkpoint) blocks() (files []*Bytes, numbers []*Numbers) {
	for i := range c.Arrays {
		files = append(files, &c.Arrays[i].File)
	}
	for i := range c.Extra {
		files = append(files, &c.Extra[i].Data)
	}
	for i := range c.Variables {
		numbers = append(numbers, &c.Variables[i].Data)
	}
	for i := range c.Values {
		numbers = append(numbers, &c.Values[i].Data)
	}
	for i := range c.Inputs {
		if c.Inputs[i].Given != nil {
			numbers = append(numbers, &c.Inputs[i].Given.Data)
		}
	}
	return files, numbers
}
