package compare

import "gpusim/network"

// The limits of float32.
const (
	MedianLimit      = 1e-4  // of a variable's range, in a window
	WithinLimit      = 0.95  // of the spikes of the free run within one step
	CorrelationLimit = 0.01  // of cross-correlations of the free run
	VoltageLimit     = 1e-3  // mV, the median of V over the first VoltageMs
	VoltageMs        = 100.0 // of the free run
	WindowMs         = 10.0
)

// The verdicts.
const (
	Within      = "within"
	Apart       = "apart"
	Interrupted = "interrupted"
)

// Report is what a comparison found.
type Report struct {
	Status      string       `json:"status"` // Within, Apart or Interrupted
	Reasons     []string     `json:"reasons"`
	Steps       int          `json:"steps"` // compared
	Windows     int          `json:"windows"`
	WindowMs    float64      `json:"window_ms"`
	Populations []Population `json:"populations"`
	Variables   []Variable   `json:"variables"`
	FirstParted *Parting     `json:"first_parted"` // in the windows; nil: never
	FreeRun     FreeRun      `json:"free_run"`

	// Plan and Counters are the device's.
	Plan     []string         `json:"plan"`
	Counters network.Counters `json:"counters"`
}

// Population is how the spikes of a population compare in the windows.
type Population struct {
	Name          string  `json:"name"`
	Spikes        int     `json:"spikes"` // of the device
	SpikesFloat64 int     `json:"spikes_float64"`
	SameStep      int     `json:"same_step"`
	WithinOneStep int     `json:"within_one_step"`
	NearThreshold int     `json:"near_threshold"` // of what follows, counted alike, what a near threshold explains
	Alone         []Alone `json:"alone"`          // the first spike without a partner of each neuron and window
}

// Alone is a spike that the other engine has not, and that no near threshold
// explains.
type Alone struct {
	Population string   `json:"population"`
	Neuron     int      `json:"neuron"`
	Step       int64    `json:"step"`
	Ms         float64  `json:"ms"`
	By         string   `json:"by"` // the engine that has it: device or float64
	Window     int      `json:"window"`
	Distance   *float64 `json:"distance"` // of the other's spike condition from turning; nil: unknown
	Limit      float64  `json:"limit"`
}

// Variable is how a variable compares in the windows.
type Variable struct {
	Name         string   `json:"name"`
	Low          *float64 `json:"low"` // in float64; nil where nothing was recorded
	High         *float64 `json:"high"`
	Median       float64  `json:"median"` // of the difference, over everything
	P95          float64  `json:"p95"`
	Worst        float64  `json:"worst"`
	WorstAt      *Place   `json:"worst_at"`
	WindowMedian float64  `json:"window_median"` // the largest median of a window
	Window       int      `json:"window"`        // that window
	Limit        float64  `json:"limit"`         // of it
	EverySteps   int      `json:"every_steps"`   // steps between the rows that were compared
	NotFinite    *Place   `json:"not_finite"`
	OverLimit    int      `json:"over_limit"` // windows
}

// Place is an element of a variable after a step; Ms is the time at the step's end.
type Place struct {
	Element int     `json:"element"`
	Of      string  `json:"of"` // neuron, presynaptic neuron or synapse
	Step    int64   `json:"step"`
	Ms      float64 `json:"ms"`
}

// Parting is the first spike that one engine has and the other has not on the
// same step.
type Parting struct {
	Population string  `json:"population"`
	Neuron     int     `json:"neuron"`
	Step       int64   `json:"step"`
	Ms         float64 `json:"ms"`
	By         string  `json:"by"` // the engine that has it: device or float64
	Window     int     `json:"window"`
}

// FreeRun is how the runs from one start compare.
type FreeRun struct {
	Judged      bool          `json:"judged"`
	FirstParted *Parting      `json:"first_parted"`
	Populations []FreeSpikes  `json:"populations"`
	Voltages    []FreeVoltage `json:"voltages"`
	Measures    []FreeMeasure `json:"measures"`
}

// FreeSpikes is how the spikes of a population compare.
type FreeSpikes struct {
	Name          string  `json:"name"`
	Spikes        int     `json:"spikes"`
	SpikesFloat64 int     `json:"spikes_float64"`
	RateHz        float64 `json:"rate_hz"`
	RateHzFloat64 float64 `json:"rate_hz_float64"`
	CountsDiffer  int     `json:"counts_differ"` // neurons
	SameStep      int     `json:"same_step"`
	WithinOneStep int     `json:"within_one_step"`
}

// FreeVoltage is how a state called V compares over the first VoltageMs.
type FreeVoltage struct {
	Name   string  `json:"name"`
	Median float64 `json:"median"`
	Worst  float64 `json:"worst"`
	Limit  float64 `json:"limit"`
}

// FreeMeasure is a measure of both runs; nil where it is undefined.
type FreeMeasure struct {
	Key     string   `json:"key"`
	Value   *float64 `json:"value"`
	Float64 *float64 `json:"value_float64"`
	Limit   *float64 `json:"limit"` // of the difference; nil: it is not judged
}
