package checkpoint

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
)

// What a caller may branch on, with errors.Is.
var (
	ErrNotOne    = errors.New("it is not a checkpoint of gpusim")
	ErrTruncated = errors.New("the checkpoint is cut short")
	ErrDamaged   = errors.New("the checkpoint is damaged")
	ErrNewer     = errors.New("the checkpoint has a newer format")
)

// Read reads the checkpoint at path.
func Read(path string) (*Checkpoint, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = ErrNotOne
	}
	var c *Checkpoint
	if err == nil {
		c, err = decode(file, info.Size())
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// decode reads a file of so many bytes: twice, first for its checksum.
func decode(r io.ReadSeeker, size int64) (*Checkpoint, error) {
	head := make([]byte, fixed)
	n, err := io.ReadFull(r, head)
	switch {
	case n >= len(magic) && string(head[:len(magic)]) == magic && n < fixed:
		return nil, fmt.Errorf("%w: it has %d bytes", ErrTruncated, n)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), err == nil && string(head[:len(magic)]) != magic:
		return nil, ErrNotOne
	case err != nil:
		return nil, err
	}
	version := binary.LittleEndian.Uint32(head[16:])
	length := binary.LittleEndian.Uint64(head[24:])
	header := binary.LittleEndian.Uint64(head[32:])
	switch {
	case version > Version:
		return nil, fmt.Errorf("%w, version %d: this gpusim reads version %d", ErrNewer, version, Version)
	case length > uint64(size):
		return nil, fmt.Errorf("%w: it has %d of %d bytes", ErrTruncated, size, length)
	case version == 0 || length != uint64(size) || size < fixed+sha256.Size || header > uint64(size-fixed-sha256.Size):
		return nil, ErrDamaged
	}
	if err := checksum(r, head, size); err != nil {
		return nil, err
	}
	if _, err := r.Seek(fixed, io.SeekStart); err != nil {
		return nil, err
	}
	body := bufio.NewReaderSize(r, 1<<16)
	text := make([]byte, header)
	if _, err := io.ReadFull(body, text); err != nil {
		return nil, err
	}
	c := &Checkpoint{}
	if err := json.Unmarshal(text, c); err != nil {
		return nil, fmt.Errorf("%w: its header: %s", ErrDamaged, err)
	}
	return c, c.decode(body, size-fixed-int64(header)-sha256.Size)
}

// checksum compares the sum at the end of the file, which stands after head.
func checksum(r io.Reader, head []byte, size int64) error {
	h := sha256.New()
	h.Write(head)
	if _, err := io.CopyN(h, r, size-fixed-sha256.Size); err != nil {
		return err
	}
	var sum [sha256.Size]byte
	if _, err := io.ReadFull(r, sum[:]); err != nil {
		return err
	}
	if !bytes.Equal(h.Sum(nil), sum[:]) {
		return fmt.Errorf("%w: its checksum is not that of its content", ErrDamaged)
	}
	return nil
}

// decode reads the blocks, which have so many bytes in all.
func (c *Checkpoint) decode(r io.Reader, left int64) error {
	if sum := sha256.Sum256([]byte(c.Network)); c.SHA256 != hex.EncodeToString(sum[:]) {
		return fmt.Errorf("%w: the SHA-256 of the network is another", ErrDamaged)
	}
	files, numbers := c.blocks()
	take := func(count, size int) bool {
		if count < 0 || int64(count) > left/int64(size) {
			return false
		}
		left -= int64(count) * int64(size)
		return true
	}
	for _, b := range files {
		if !take(b.Count, 1) {
			return blockError()
		}
		b.Data = make([]byte, b.Count)
		if _, err := io.ReadFull(r, b.Data); err != nil {
			return err
		}
	}
	for _, b := range numbers {
		if b.Type != f4 && b.Type != f8 || !take(b.Count, b.size()) {
			return blockError()
		}
		if err := b.decode(r); err != nil {
			return err
		}
	}
	if left != 0 {
		return blockError()
	}
	return nil
}

func blockError() error {
	return fmt.Errorf("%w: its header and its blocks do not fit", ErrDamaged)
}

func (b *Numbers) decode(r io.Reader) error {
	b.Data = make([]float64, b.Count)
	size := b.size()
	buf := make([]byte, 1<<13)
	for at := 0; at < b.Count; {
		n := min(b.Count-at, len(buf)/size)
		if _, err := io.ReadFull(r, buf[:n*size]); err != nil {
			return err
		}
		for i := range n {
			if b.Type == f4 {
				b.Data[at+i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(buf[4*i:])))
			} else {
				b.Data[at+i] = math.Float64frombits(binary.LittleEndian.Uint64(buf[8*i:]))
			}
		}
		at += n
	}
	return nil
}
