package npy

import "bytes"

// Encode gives the .npy file that Write writes.
func Encode(shape []int, data any) ([]byte, error) {
	check(shape, data)
	var b bytes.Buffer
	err := encode(&b, shape, data)
	return b.Bytes(), err
}

// Decode is Read of a file that is in memory.
func Decode(file []byte) (data []float64, shape []int, err error) {
	a, err := decode(file)
	if err != nil {
		return nil, nil, err
	}
	return a.Float64(), a.Shape, nil
}
