# Targets: `make help`. GNU make 4.3 or newer.

GO ?= go
# GLFW and the OpenGL loader are C.
export CGO_ENABLED ?= 1

# Go asks git for the commit of the checkout and fails where git does, as in another
# user's checkout: then the program is built without it.
BUILDVCS := $(shell git rev-parse --quiet --verify HEAD >/dev/null 2>&1 && echo auto || echo false)

# The native baseline. As fast as gcc gets while the results stay right:
#   -fopenmp-simd           vectorise the loop marked so, its sum included; threads are gamma.c's own
#   -fno-math-errno, -fno-trapping-math, -fno-signed-zeros
#                           nothing here looks at errno, exceptions or the sign of 0
#   -ffinite-math-only      minimum and maximum become one instruction; exp is clamped
#                           and no infinity arises, 0/0 is computed only to be discarded
# -ffast-math as a whole is wrong: it folds away the rounding inside exp.
NATIVE_CC ?= gcc
NATIVE_CFLAGS ?= -O3 -march=native -pthread -fopenmp-simd -fno-math-errno -fno-trapping-math \
	-fno-signed-zeros -ffinite-math-only $(NATIVE_WIDTH) -Wall -Wextra
# gcc takes vectors of 256 bits, even where 512 are there and faster.
NATIVE_WIDTH := $(if $(filter x86_64,$(shell uname -m)),-mprefer-vector-width=512)

.DEFAULT_GOAL := help
.PHONY: help demo build test test-slurm windows validation bench bench-deps fmt clean need-go deps-build deps-demo deps-test deps-slurm deps-windows
# Two targets may want apt at once.
.NOTPARALLEL:

help:
	@echo 'make demo    build gpusim and sweep the gamma network: the table, and where the figure is'
	@echo 'make build   build bin/gpusim'
	@echo 'make test    vet, gofmt, staticcheck, the build for Windows and all tests'
	@echo 'make test-slurm  run the script of docs/clusters.md on a Slurm that is started for it'
	@echo 'make windows build bin/gpusim.exe with MinGW-w64; nothing is run'
	@echo 'make validation  measure docs/validation.md anew, on this device'
	@echo 'make bench   compare the GPU path with the float64 engine, with C and with Brian2: bench/RESULTS.md'
	@echo 'make bench-deps  install Brian2, which make bench compares with where it is there'
	@echo 'make fmt     gofmt all Go files'
	@echo 'make clean   remove what was built and what the examples left'
	@echo 'demo, build, test, test-slurm, windows, validation and bench install the Debian packages that are missing (root or sudo).'

demo: deps-demo
	$(GO) build -buildvcs=$(BUILDVCS) -o bin/gpusim ./cmd/gpusim
	bin/gpusim sweep --force examples/gamma.yaml

build: deps-build
	$(GO) build -buildvcs=$(BUILDVCS) -o bin/gpusim ./cmd/gpusim

test: deps-test bin/gamma-native windows
	GO='$(GO)' scripts/test

test-slurm: deps-slurm build
	scripts/test-slurm

# Cross-built, so that it stays able to; vet compiles the tests as well.
WINDOWS := GOOS=windows GOARCH=amd64 CGO_ENABLED=1 CC=x86_64-w64-mingw32-gcc
windows: deps-windows
	$(WINDOWS) $(GO) build -buildvcs=$(BUILDVCS) -o bin/gpusim.exe ./cmd/gpusim
	$(WINDOWS) $(GO) vet ./...

validation: deps-demo
	$(GO) test -count=1 ./tests/validation -update

bench: deps-demo bin/gamma-native
	$(GO) build -buildvcs=$(BUILDVCS) -o bin/gpusim ./cmd/gpusim
	$(GO) run ./bench -write

bench-deps:
	@scripts/install-deps bench

bin/gamma-native: bench/native/gamma.c Makefile | deps-build
	@mkdir -p bin
	$(NATIVE_CC) $(NATIVE_CFLAGS) -o $@ $< -lm

fmt: need-go
	$(GO) fmt ./...

clean:
	rm -rf bin examples/*.out

need-go:
	@GO='$(GO)' scripts/need-go

deps-build: need-go
	@scripts/install-deps build

deps-demo: need-go
	@scripts/install-deps build run

deps-test: need-go
	@scripts/install-deps build run test

deps-slurm: need-go
	@scripts/install-deps run slurm

deps-windows: need-go
	@scripts/install-deps build windows
