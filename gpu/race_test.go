package gpu_test
