package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"gpusim/ledger"
	"gpusim/model"
	"gpusim/network"
)

func (a *app) mergeCommand() *cobra.Command {
	f := &flags{}
	cmd := &cobra.Command{
		Use:   "merge DIR...",
		Short: "Put the shards of a sweep together",
		Long: `Put the shards of a sweep together. --out gets what the sweep without shards leaves,
its sweep.csv byte for byte.`,
		Args: someFolders,
		RunE: func(_ *cobra.Command, args []string) error { return a.merge(args, f) },
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.StringVar(&f.out, "out", "", "write the results to the folder `DIR`")
	fs.BoolVar(&f.force, "force", false, "replace earlier results in DIR")
	fs.BoolVar(&f.json, "json", false, "print summary.json")
	fs.BoolVar(&f.quiet, "quiet", false, "no remarks on standard error")
	return cmd
}

func (a *app) missingCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "missing DIR...",
		Short: "Print the shards of a sweep that are not done",
		Long: `Print the shards of a sweep that are not done, as --array= of Slurm takes them:
1,4-6. DIR are the folders of the others. Nothing is printed where all are done.`,
		Args: someFolders,
		RunE: func(_ *cobra.Command, args []string) error {
			s, err := ledger.FindShards(args)
			if err != nil {
				return &usageError{err}
			}
			if list := s.Missing(); len(list) > 0 {
				fmt.Fprintln(a.out, ledger.Ranges(list))
			}
			return nil
		},
	}
}

// someFolders is the cobra.PositionalArgs of commands that take the folders of shards.
func someFolders(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return usagef("%s needs the folders of shards: %s", cmd.CommandPath(), cmd.UseLine())
	}
	return nil
}

func (a *app) merge(dirs []string, f *flags) error {
	if f.out == "" {
		return usagef("gpusim merge needs a folder for the results: --out DIR")
	}
	shards, err := ledger.FindShards(dirs)
	if err != nil {
		return &usageError{err}
	}
	if list := shards.Missing(); len(list) > 0 {
		return usagef("the sweep is not complete: of shards 0 to %d, %s are missing", shards.N-1, ledger.Ranges(list))
	}
	out, err := newResults("", "", f)
	if err != nil {
		return err
	}
	file, err := a.shardFile(shards)
	if err != nil {
		return err
	}
	rows := newSweepRows(file.File, nil)
	merged, err := shards.Merge(rows.table)
	if err != nil {
		return &usageError{err}
	}
	defer merged.Close()
	r := &sweepResults{rows: rows, source: merged}
	if r.summary, err = mergedSummary(file, shards); err != nil {
		return err
	}
	err = out.write(func(dir string) error {
		if err := errors.Join(file.savePortable(dir), shards.Manifest.Save(dir)); err != nil {
			return err
		}
		if err := copySpikes(dir, shards.Dirs); err != nil {
			return err
		}
		return r.save(dir)
	})
	if err != nil {
		return err
	}
	if r.note != "" && !f.quiet {
		a.notef("%s", r.note)
	}
	if err := a.printSweep(r, out.dir, f.json); err != nil {
		return err
	}
	if r.summary.Status != "ok" {
		return errors.New(r.summary.Detail)
	}
	return nil
}

// shardFile reads the network file that the shards ran.
func (a *app) shardFile(s *ledger.Shards) (*networkFile, error) {
	path := filepath.Join(s.Dirs[0], "network.yaml")
	file, err := a.load(path, model.LoadOptions{}, true)
	if err != nil {
		return nil, err
	}
	if file.Sweep == nil || file.hash() != s.Manifest.Network || network.DesignHash(file.Sweep) != s.Manifest.Design {
		return nil, usagef("%s is not the file that the shards ran: it was changed", path)
	}
	return file, nil
}

// shardSummary is what a merged summary takes of that of a shard.
type shardSummary struct {
	FileSHA256 string           `json:"file_sha256"`
	Mode       string           `json:"mode"`
	Instances  int              `json:"instances"`
	Steps      int              `json:"steps"`
	Counters   network.Counters `json:"counters"`
	Seconds    seconds          `json:"seconds"`
	Plan       []string         `json:"plan"`
}

// mergedSummary sums up what the shards took; seconds are those of all machines.
func mergedSummary(file *networkFile, shards *ledger.Shards) (*summary, error) {
	m := shards.Manifest
	s := newSummary(file, network.DeviceInfo{Device: m.Device, Driver: m.Driver, Engine: m.Engine, Precision: m.Precision})
	s.Gpusim, s.Instances = m.Gpusim, 0
	s.addSizes(file.File)
	for i, dir := range shards.Dirs {
		path := filepath.Join(dir, "summary.json")
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, &usageError{err}
		}
		var x shardSummary
		if err := json.Unmarshal(text, &x); err != nil {
			return nil, usagef("%s is no summary: %w", path, err)
		}
		if i == 0 {
			s.FileSHA256, s.Mode, s.Steps, s.Plan = x.FileSHA256, x.Mode, x.Steps, append(s.Plan, x.Plan...)
		}
		s.Instances = max(s.Instances, x.Instances)
		s.Counters = s.Counters.Add(x.Counters)
		s.Seconds.Build, s.Seconds.Run = s.Seconds.Build+x.Seconds.Build, s.Seconds.Run+x.Seconds.Run
	}
	return s, nil
}

// copySpikes takes over the spikes that the shards have kept.
func copySpikes(to string, dirs []string) error {
	to = filepath.Join(to, keptSpikes)
	for _, dir := range dirs {
		from := filepath.Join(dir, keptSpikes)
		entries, err := os.ReadDir(from)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = os.MkdirAll(to, 0o777)
		}
		if err != nil {
			return err
		}
		for _, e := range entries {
			if err := copyFile(filepath.Join(to, e.Name()), filepath.Join(from, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

func copyFile(to, from string) error {
	r, err := os.Open(from)
	if err != nil {
		return err
	}
	defer r.Close()
	w, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, r)
	return errors.Join(err, w.Close())
}
