package model

import "gpusim/model/npy"

// readNpy is the default reader of arrays.
func readNpy(path string) ([]float64, []int, error) {
	return npy.Read(path)
}
