package main

import (
	"encoding/json"
	"strings"
	"testing"

	"gpusim/doctor"
	"gpusim/gpu/glctx"
)

func TestDoctorBench(t *testing.T) {
	stdout, stderr, code := runOn(t, glctx.Options{}, "doctor", "--bench", "--json")
	var rows []doctor.Speed
	if err := json.Unmarshal([]byte(stdout), &rows); err != nil || code != 0 || len(rows) != 4 {
		t.Fatalf("exit code %d, %v, %d rows, want 4:\n%s%s", code, err, len(rows), stdout, stderr)
	}
	stdout, stderr, code = runOn(t, glctx.Options{}, "doctor", "--bench", "--race")
	if want := "takes one of --bench and --race"; code != 2 || !strings.Contains(stderr, want) {
		t.Errorf("exit code %d, want 2, without %q:\n%s%s", code, want, stdout, stderr)
	}
}
