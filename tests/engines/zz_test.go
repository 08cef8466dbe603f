package engines

import (
	"fmt"
	"os"
	"testing"
	"time"

	"gpusim/gpu"
	"gpusim/model"
	"gpusim/network"
	"gpusim/tests/outcome"
)

func TestZZ(t *testing.T) {
	files := map[string]*model.File{}
	for _, n := range []string{"gamma", "fitzhugh_nagumo", "two_populations"} {
		f, _, err := model.Load("../../examples/"+n+".yaml", model.LoadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		files[n] = f
	}
	for n, x := range map[string]string{"both": both, "five": five, "clocked": clocked, "integrate": integrate} {
		files[n] = parse(t, x)
	}
	files["dense"] = parse(t, renamed, "tous.g=uniform(0, 0.012)")
	files["hundred"] = parse(t, renamed, "foule.size=300")
	for n, f := range files {
		if x := os.Getenv("NET"); x != "" && x != n {
			continue
		}
		for _, form := range []string{"fused", "stepped"} {
			for _, w := range []int{8, 32, 128} {
				t.Run(fmt.Sprintf("%s/%s/%d", n, form, w), func(t *testing.T) {
					a := time.Now()
					dev := open(t, gpu.Options{Form: form, Invocations: w, CheckRaces: os.Getenv("RACES") != "no"})
					net, err := network.Compile(f, dev, nil)
					if err != nil {
						t.Fatal(err)
					}
					defer net.Close()
					b := time.Now()
					if _, err := net.RunSteps(t.Context(), 1); err != nil {
						t.Error(err)
						return
					}
					c := time.Now()
					if _, err := net.RunSteps(t.Context(), 70); err != nil {
						t.Error(err)
						return
					}
					t.Log(b.Sub(a), c.Sub(b), time.Since(c))
					_ = outcome.Run
				})
			}
		}
	}
}
