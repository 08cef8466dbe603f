package network

import (
	"sync"

	"gpusim/model/ir"
)

// beside does jobs in order on a goroutine of its own, beside the device. It
// takes a few ahead, so that what they hold is bounded. After a job that fails
// the others are left out, until the error was waited for.
type beside struct {
	jobs chan besideJob
	wg   sync.WaitGroup
	mu   sync.Mutex
	err  error
}

type besideJob struct {
	do   func() error
	done chan<- struct{} // of wait
}

func newBeside() *beside {
	b := &beside{jobs: make(chan besideJob, 1)}
	b.wg.Go(func() {
		for j := range b.jobs {
			if j.done != nil {
				close(j.done)
			} else if b.failed() == nil {
				b.fail(j.do())
			}
		}
	})
	return b
}

func (b *beside) failed() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.err
}

func (b *beside) fail(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.err = err
}

// do has a job done after those before it, or gives the error of one.
func (b *beside) do(job func() error) error {
	if err := b.failed(); err != nil {
		return err
	}
	b.jobs <- besideJob{do: job}
	return nil
}

// wait waits until all jobs are done, and gives the error of the one that failed.
func (b *beside) wait() error {
	done := make(chan struct{})
	b.jobs <- besideJob{done: done}
	<-done
	err := b.failed()
	b.fail(nil)
	return err
}

// stop waits and ends the goroutine.
func (b *beside) stop() {
	close(b.jobs)
	b.wg.Wait()
}

// view is a copy to decode slices by, on another goroutine: it stays as it is
// while the network is set anew. It cannot run.
func (n *Network) view() *Network {
	return &Network{file: n.file, instances: n.instances, step: n.step,
		built: &build{prog: n.built.prog, records: n.built.records}}
}

// resize makes it a network of another number of instances, at its start. What was
// set for each instance has to be set again before anything else, and restart
// called.
func (n *Network) resize(instances int) error {
	if err := n.Reset(); err != nil {
		return err
	}
	n.instances = instances
	n.built.held = map[ir.VarID]held{} // the device has nothing
	if err := n.checkInstances(n.built.prog); err != nil {
		return err
	}
	return n.built.eng.Resize(instances)
}

// restart brings all values to the device after resize.
func (n *Network) restart() error {
	if err := n.sync(); err != nil {
		return err
	}
	return n.built.eng.Save()
}
