package cpuref

import (
	"os"
	"runtime"
	"strings"

	"gpusim/model/ir"
)

// Device is the processor. It has no state: engines built on it are
// independent of each other and of the device.
type Device struct{ name string }

// New returns the processor as a device.
func New() *Device { return &Device{name: processor()} }

// Info says which processor it is.
func (d *Device) Info() ir.DeviceInfo {
	return ir.DeviceInfo{
		Device:    d.name,
		Driver:    runtime.Version(),
		Engine:    "cpu",
		Precision: "float64",
	}
}

// Build compiles p and allocates the arrays of the given number of instances.
// The engine keeps p, which must not be changed.
func (d *Device) Build(p *ir.Program, instances int) (ir.Engine, error) {
	c, err := prepare(p, instances, false)
	if err != nil {
		return nil, err
	}
	return newEngine(c, instances), nil
}

// Close does nothing: a device holds nothing.
func (d *Device) Close() error { return nil }

// processor is the model name that Linux gives, else the architecture.
func processor() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	for line := range strings.Lines(string(text)) {
		key, value, ok := strings.Cut(line, ":")
		if ok && strings.TrimSpace(key) == "model name" && strings.TrimSpace(value) != "" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}
