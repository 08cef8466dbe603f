package checkpoint

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
)

const (
	magic = "\x89gpusim state\r\n\x1a"
	// Version is the version of the format that this package writes, and the newest
	// that it reads.
	Version = 1
	fixed   = 40 // bytes before the header
)

const (
	f4 = "f4"
	f8 = "f8"
)

// Write writes a checkpoint to a file. While it is written, and where writing fails,
// the file that was there stays as it was.
func (c *Checkpoint) Write(path string) error {
	dir, name := filepath.Split(path)
	// Always the same name: what a killed process left is written over.
	temporary := filepath.Join(dir, "."+name+".new")
	file, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
	if err != nil {
		return reason(path, err)
	}
	err = c.encode(file)
	if err == nil {
		err = file.Sync()
	}
	if err2 := file.Close(); err == nil {
		err = err2
	}
	if err == nil {
		err = os.Rename(temporary, path)
	}
	if err != nil {
		_ = os.Remove(temporary) // where that fails too, the next checkpoint is written over it
		return reason(path, err)
	}
	return syncFolder(filepath.Dir(path))
}

// Writable reports why no checkpoint could be written to a file.
func Writable(path string) error {
	dir, name := filepath.Split(path)
	temporary := filepath.Join(dir, "."+name+".new")
	file, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE, 0o666)
	if err == nil {
		err = errors.Join(file.Close(), os.Remove(temporary))
	}
	if err != nil {
		return reason(path, err)
	}
	return nil
}

// reason is an error about another name, as one about the checkpoint's.
func reason(path string, err error) error {
	var of *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &of):
		err = of.Err
	case errors.As(err, &link):
		err = link.Err
	}
	return fmt.Errorf("%s: %w", path, err)
}

// syncFolder makes a new name in a folder last. Not every file system, and not every
// operating system, can; the file itself is synced.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	_ = d.Sync()
	return d.Close()
}

// encode writes the whole file.
func (c *Checkpoint) encode(to io.Writer) error {
	sum := sha256.Sum256([]byte(c.Network))
	c.SHA256 = hex.EncodeToString(sum[:])
	files, numbers := c.blocks()
	var length uint64
	for _, b := range files {
		b.Count = len(b.Data)
		length += uint64(b.Count)
	}
	for _, b := range numbers {
		b.Type, b.Count = f8, len(b.Data)
		if single(b.Data) {
			b.Type = f4
		}
		length += uint64(b.Count) * uint64(b.size())
	}
	header, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("the header of the checkpoint: %w", err)
	}
	head := []byte(magic)
	head = binary.LittleEndian.AppendUint32(head, Version)
	head = binary.LittleEndian.AppendUint32(head, 0)
	head = binary.LittleEndian.AppendUint64(head, fixed+uint64(len(header))+length+sha256.Size)
	head = binary.LittleEndian.AppendUint64(head, uint64(len(header)))

	h := sha256.New()
	w := bufio.NewWriterSize(io.MultiWriter(to, h), 1<<16)
	_, _ = w.Write(head) // bufio keeps the first error for Flush
	_, _ = w.Write(header)
	for _, b := range files {
		_, _ = w.Write(b.Data)
	}
	for _, b := range numbers {
		b.encode(w)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err = to.Write(h.Sum(nil))
	return err
}

// single reports whether float32 holds every number to the bit.
func single(data []float64) bool {
	for _, x := range data {
		if math.Float64bits(float64(float32(x))) != math.Float64bits(x) {
			return false
		}
	}
	return true
}

// size is the number of bytes of a number.
func (b *Numbers) size() int {
	if b.Type == f4 {
		return 4
	}
	return 8
}

func (b *Numbers) encode(w *bufio.Writer) {
	var x [8]byte
	for _, v := range b.Data {
		if b.Type == f4 {
			binary.LittleEndian.PutUint32(x[:], math.Float32bits(float32(v)))
		} else {
			binary.LittleEndian.PutUint64(x[:], math.Float64bits(v))
		}
		_, _ = w.Write(x[:b.size()])
	}
}
