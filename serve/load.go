package serve

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strconv"

	"gpusim/model"
	"gpusim/model/diag"
	"gpusim/network"
)

// loaded is a network and what belongs to it.
type loaded struct {
	file    *model.File
	net     *network.Network
	device  network.Device
	opened  [2]string // what the device was opened by
	records map[string][]model.Record
	names   []string // that Get knows; nil: to be listed
	warm    []*warm  // last used last
	past    network.Counters
}

var errNotLoaded = &fault{code: notLoaded, message: "there is no network yet: load one first"}

// ready gives errNotLoaded before a load.
func (s *session) ready() error {
	if s.loaded == nil {
		return errNotLoaded
	}
	return nil
}

// load reads a network file, opens a device and compiles. Where something
// fails, the network that there was stays.
func (s *session) load(j *job) (object, error) {
	f := j.fields
	path, text, dir, name := f.text("file"), f.text("text"), f.text("dir"), f.text("name")
	if f.has("file") == f.has("text") {
		f.reject("file", "a network is loaded from one of file, a path, and text")
	}
	if f.has("file") && (f.has("dir") || f.has("name")) {
		f.reject("dir", "dir and name go with text")
	}
	opts := model.LoadOptions{Memory: s.opts.Memory, Set: f.overrides("set"), From: f.number("from"), To: f.number("to")}
	if raw := f.get("seed"); raw != nil {
		seed, err := strconv.ParseUint(string(raw), 10, 64)
		if err != nil {
			f.reject("seed", "expected a whole number from 0 to 18446744073709551615")
		}
		opts.Seed = &seed
	}
	device, plan := f.choice("device", "auto", "gpu", "cpu"), f.text("plan")
	if device == "" {
		device = "auto"
	}
	arrays, err := f.files("arrays")
	if err != nil {
		return nil, err
	}
	if err := f.end(); err != nil {
		return nil, err
	}
	l := &loaded{opened: [2]string{device, plan}}
	if err := l.read(path, text, dir, name, opts, s.note); err != nil {
		return nil, err
	}
	if err := s.compile(l); err != nil {
		return nil, err
	}
	s.replace(l)
	s.files.dir, s.files.over = arrays.dir, arrays.over
	return s.described()
}

// read reads the file and checks it.
func (l *loaded) read(path, text, dir, name string, opts model.LoadOptions, note func(string)) error {
	var notes []*diag.Problem
	var err error
	if path != "" {
		var b []byte
		if b, err = readFile(path); err == nil {
			l.file, notes, err = model.Parse(path, b, filepath.Dir(path), opts)
		}
	} else {
		if name == "" {
			name = "text"
		}
		if dir == "" {
			dir = "."
		}
		l.file, notes, err = model.Parse(name, []byte(text), dir, opts)
	}
	for _, n := range notes {
		note(n.Error())
	}
	if err == nil {
		err = model.NotBuilt(l.file)
	}
	if err != nil {
		return faultOf(err, "file")
	}
	l.records = map[string][]model.Record{}
	keep := func(object string, list []*model.Record) {
		for _, r := range list {
			l.records[object] = append(l.records[object], *r)
		}
	}
	for _, p := range l.file.Populations {
		keep(p.Name, p.Record)
	}
	for _, p := range l.file.Projections {
		keep(p.Name, p.Record)
	}
	return nil
}

// readFile reads the text of a network file. Another kind of file, such as a
// terminal, might never end.
func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = faultf(badFile, "file", "%s: expected a network file, found something that is not a regular file", path)
	}
	if err != nil {
		return nil, err
	}
	return model.ReadFile(path)
}

// compile opens the device, where it is not the one that is open, and compiles.
func (s *session) compile(l *loaded) error {
	var err error
	if s.loaded != nil && s.opened == l.opened {
		l.device = s.device
	} else if l.device, err = s.opts.Open(l.opened[0], l.opened[1], s.note); err != nil {
		return err
	}
	l.net, err = network.Compile(l.file, l.device, &network.Options{Note: s.note, Progress: s.progress})
	if err != nil && (s.loaded == nil || l.device != s.device) {
		err = errors.Join(err, l.device.Close())
	}
	return err
}

// replace puts l in the place of what was loaded.
func (s *session) replace(l *loaded) {
	if s.loaded != nil && s.device == l.device {
		s.device = nil
	}
	s.free()
	s.loaded = l
}

// free closes what was loaded. What a device says then is of no use to anybody.
func (s *session) free() {
	if s.loaded == nil {
		return
	}
	for _, w := range s.warm {
		_ = w.copies.Close()
	}
	_ = s.net.Close()
	if s.device != nil {
		_ = s.device.Close()
	}
	s.loaded = nil
}

func (s *session) close(j *job) (object, error) {
	if err := j.fields.end(); err != nil {
		return nil, err
	}
	s.free()
	return object{}, nil
}

// overrides reads names and what they are given, as --set takes them.
func (f *fields) overrides(key string) (out []model.Override) {
	o := f.object(key)
	if o == nil {
		return nil
	}
	for i := range o.list {
		x := &o.list[i]
		x.read = true
		value := string(x.value)
		if kind := kindOf(x.value); kind == "a text" {
			_ = json.Unmarshal(x.value, &value) // it is one
		} else if kind != "a number" && kind != "true or false" {
			f.reject(key+"."+short(x.key), "expected a number or a text as --set has it, found %s", kind)
		}
		out = append(out, model.Override{Name: x.key, Value: value})
	}
	return out
}

// files reads where large arrays of answers go.
func (f *fields) files(key string) (files, error) {
	out := files{over: largeArray}
	o := f.object(key)
	if o == nil {
		return out, nil
	}
	out.dir = o.text("dir")
	if over := o.whole("over"); over >= 0 {
		out.over = over
	}
	if info, err := os.Stat(out.dir); out.dir == "" || err != nil || !info.IsDir() {
		o.reject("dir", "expected the path of a folder, found %s", quoted(out.dir))
	}
	return out, o.end()
}
