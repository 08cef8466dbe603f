//go:build unix

package ledger

import (
	"errors"
	"os"
	"syscall"
)

// lock keeps other processes from writing to the ledger until the file is closed,
// which the system does for a process that was killed.
func lock(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	switch {
	case errors.Is(err, syscall.EWOULDBLOCK):
		return ErrBusy
	case errors.Is(err, syscall.ENOLCK), errors.Is(err, syscall.ENOTSUP), errors.Is(err, syscall.ENOSYS):
		return nil // a file system without locks
	}
	return err
}
