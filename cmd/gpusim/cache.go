package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
)

// planFolder is where gpusim keeps which kernels it has chosen for a network on
// a device: in the user's cache folder, "" where there is none.
func planFolder() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "gpusim", "plans")
}

func (a *app) cacheCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "cache",
		Short: "Print where gpusim keeps which kernels it has chosen; cache clear forgets them",
		Long: `Print the folder where gpusim keeps which kernels it has chosen for a network on a
device, and how much is there. Nothing but time is lost where it is gone: results
do not depend on the choice. The driver keeps compiled kernels in a cache of its own.`,
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error { return a.cache() },
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "clear",
		Short: "Forget which kernels were chosen",
		Args:  noArguments,
		RunE:  func(*cobra.Command, []string) error { return a.clearCache() },
	})
	return cmd
}

var errNoCache = errors.New("there is no folder for caches here: neither XDG_CACHE_HOME nor HOME is set")

func (a *app) cache() error {
	dir := planFolder()
	if dir == "" {
		return errNoCache
	}
	files, bytes := 0, int64(0)
	list, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, x := range list {
		if i, err := x.Info(); err == nil {
			files, bytes = files+1, bytes+i.Size()
		}
	}
	fmt.Fprintf(a.out, "%s: %s, %s\n", dir, plural(files, "plan"), plural(int(bytes), "byte"))
	return nil
}

func (a *app) clearCache() error {
	dir := planFolder()
	if dir == "" {
		return errNoCache
	}
	return os.RemoveAll(dir)
}
