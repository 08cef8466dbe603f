package ir

import "errors"

// ErrTooLarge is wrapped by the error of a Build that needs more than the
// device has; fewer instances may fit.
var ErrTooLarge = errors.New("too large for this device")

// DeviceInfo describes a device.
type DeviceInfo struct {
	Device    string // the renderer's name, or the processor's
	Driver    string
	Engine    string // gpu or cpu
	Precision string // float32 or float64
}

// Counters count work on a device.
type Counters struct {
	ProgramsBuilt   int          `json:"programs_built"`
	Rebuilds        int          `json:"rebuilds"`
	Dispatches      int          `json:"dispatches"`
	BytesUploaded   int64        `json:"bytes_uploaded"`
	BytesDownloaded int64        `json:"bytes_downloaded"`
	Plan            PlanCounters `json:"plan"`
}

// Add gives the counters of both.
func (c Counters) Add(o Counters) Counters {
	c.ProgramsBuilt += o.ProgramsBuilt
	c.Rebuilds += o.Rebuilds
	c.Dispatches += o.Dispatches
	c.BytesUploaded += o.BytesUploaded
	c.BytesDownloaded += o.BytesDownloaded
	c.Plan.Programs += o.Plan.Programs
	c.Plan.Dispatches += o.Plan.Dispatches
	c.Plan.Bytes += o.Plan.Bytes
	return c
}

// PlanCounters count the planner's own work.
type PlanCounters struct {
	Programs   int   `json:"programs"`
	Dispatches int   `json:"dispatches"`
	Bytes      int64 `json:"bytes"`
}

// Slice is what a slice of consecutive steps left.
type Slice struct {
	First int64 // step
	Steps int
	// Spikes has the spikes of each population that has a spike condition,
	// packed over time: bit b of word w of neuron i of instance k is step
	// First + 32 w + b and stands in Spikes[p][(k*Words + w)*size + i].
	Spikes [][]uint32
	Words  int // words a neuron: Steps/32 rounded up
	// Records has the rows of each record: populations' in order, then
	// projections'. Row r of instance k stands at ((r*instances)+k)*Len.
	Records [][]float64
	// Bad has, for each instance, the first state found not finite.
	Bad []*NotFinite
}

// NotFinite says where a NaN or an infinity was found.
type NotFinite struct {
	Var     VarID
	Element int
	Step    int64 // found at or before the end of this step
}

// AllRecords lists the records of p in the order of Slice.Records.
func (p *Program) AllRecords() []*Record {
	var out []*Record
	for i := range p.Populations {
		for j := range p.Populations[i].Records {
			out = append(out, &p.Populations[i].Records[j])
		}
	}
	for i := range p.Projections {
		for j := range p.Projections[i].Records {
			out = append(out, &p.Projections[i].Records[j])
		}
	}
	return out
}

// Estimate says what a program would take on a device, before anything is
// built there (gpusim check).
type Estimate struct {
	Form    string   // fused, stepped; vectors for the float64 engine
	Why     []string // what was chosen and why, a line a fact
	Buffers []Buffer
	Slice   int // steps of a dispatch, at most, as far as it is known before measuring
}

// Buffer is an array on a device.
type Buffer struct {
	Name        string
	Bytes       int64 // of all instances
	PerInstance int64 // what an instance more adds
	Limit       int64 // the most that the device takes in one; 0: none known
}
