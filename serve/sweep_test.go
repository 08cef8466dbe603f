package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// TestSweepInParts sweeps more points than fit the memory side by side: they
// run in several launches, with the same results to the bit.
func TestSweepInParts(t *testing.T) {
	values := make([]string, 300)
	for k := range values {
		values[k] = fmt.Sprint(2 + 0.01*float64(k))
	}
	request := fmt.Sprintf(`{"id":1,"op":"sweep","points":{"I0":[%s]},"steps":200,"want":["spikes","traces","a.V"]}`, strings.Join(values, ","))
	answer := func(memory int64) (string, string) {
		t.Helper()
		o := options
		o.Memory = memory
		var out bytes.Buffer
		// Twice, and one of the parts by itself.
		text := loadLine(leaky) + request + "\n" + request + "\n" + `{"id":2,"op":"counters"}`
		if err := Serve(context.Background(), strings.NewReader(text), &out, o); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(out.String(), "\n")
		var c struct {
			Result struct {
				Programs int `json:"programs_built"`
				Batches  []int
			}
		}
		if err := json.Unmarshal([]byte(lines[4]), &c); err != nil {
			t.Fatal(err, out.String())
		}
		rows := varying.ReplaceAllString(lines[3], "")
		if again := varying.ReplaceAllString(lines[2], ""); again != rows {
			t.Error("the second time it is another")
		}
		return rows, fmt.Sprint(c.Result.Programs, c.Result.Batches)
	}
	whole, counts := answer(1 << 26)
	if !strings.Contains(whole, `"points":300`) || counts != "2 [300]" {
		t.Errorf("%s: %.300s", counts, whole)
	}
	// Less memory: the network of 300 does not fit, or it does and its rows do not.
	for _, memory := range []int64{200_000, 700_000} {
		parts, counts := answer(memory)
		if parts != whole {
			t.Error("the results differ")
		}
		var programs, size int
		if _, err := fmt.Sscanf(counts, "%d [%d]", &programs, &size); err != nil || programs <= 2 || size >= 300 {
			t.Errorf("with %d bytes: %s programs and instances, want more than 2 and less than 300", memory, counts)
		}
	}
}

// TestWarm keeps networks for the last four numbers of points.
func TestWarm(t *testing.T) {
	text := loadLine(leaky)
	for _, n := range []int{1, 2, 3, 4, 1, 5, 1, 2} { // 2 is the one that makes room for 5
		text += fmt.Sprintf(`{"id":1,"op":"sweep","points":{"I0":[%s]}}`+"\n", strings.TrimSuffix(strings.Repeat("3,", n), ","))
	}
	lines, err := talk(t, context.Background(), text+`{"id":2,"op":"counters"}`)
	if err != nil {
		t.Fatal(err)
	}
	last := lines[len(lines)-1]
	if !strings.HasPrefix(last, `{"id":2,"result":{"programs_built":7,"rebuilds":0,`) || !strings.HasSuffix(last, `"batches":[4,5,1,2]}}`) {
		t.Error(last)
	}
}

func TestNoSweep(t *testing.T) {
	text, _, _ := strings.Cut(leaky, "sweep:")
	lines, err := talk(t, context.Background(), loadLine(text)+`{"id":1,"op":"sweep"}`)
	want := `{"id":1,"error":{"code":"bad_request","message":"points: the file has no sweep: give names, each with its values","place":"points"}}`
	if err != nil || lines[len(lines)-1] != want {
		t.Errorf("%v, %s", err, lines[len(lines)-1])
	}
}
