package ledger

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Shard is a share of the points of a sweep: number I of N, counted from 0, has the
// points k with k modulo N = I. Nil is all of them.
type Shard struct{ I, N int }

// maxShards is the largest number of shards: that of the points of a sweep.
const maxShards = 1 << 20

// The variables that ParseShard takes the number from: of a task of a Slurm array, and
// of a pod of an indexed Job of Kubernetes.
const (
	slurmIndex      = "SLURM_ARRAY_TASK_ID"
	kubernetesIndex = "JOB_COMPLETION_INDEX"
)

// ParseShard reads I/N, or auto/N, which takes I from the environment.
func ParseShard(text string, getenv func(string) string) (*Shard, error) {
	first, second, found := strings.Cut(text, "/")
	n, err := strconv.Atoi(second)
	if !found || err != nil || n < 1 || n > maxShards {
		return nil, fmt.Errorf("a shard is I/N or auto/N: number I, counted from 0, of N shards, 1 to %d", maxShards)
	}
	if first != "auto" {
		return newShard(first, n, "I")
	}
	for _, name := range []string{slurmIndex, kubernetesIndex} {
		if value := getenv(name); value != "" {
			return newShard(value, n, name)
		}
	}
	return nil, fmt.Errorf("auto takes the number from %s or %s, and neither is set", slurmIndex, kubernetesIndex)
}

func newShard(text string, n int, what string) (*Shard, error) {
	i, err := strconv.Atoi(text)
	if err != nil || i < 0 || i >= n {
		return nil, fmt.Errorf("%s is a whole number from 0 to %d where there are %d shards, not %q", what, n-1, n, text)
	}
	return &Shard{i, n}, nil
}

func (s *Shard) valid() bool { return s.N >= 1 && s.N <= maxShards && s.I >= 0 && s.I < s.N }

// String gives I/N.
func (s *Shard) String() string {
	if s == nil {
		return "none"
	}
	return fmt.Sprintf("%d/%d", s.I, s.N)
}

// Has reports whether a point is in the shard.
func (s *Shard) Has(point int) bool { return s == nil || point%s.N == s.I }

// Count is how many of so many points are in the shard.
func (s *Shard) Count(points int) int {
	if s == nil {
		return points
	}
	return (points - s.I + s.N - 1) / s.N
}

// MarshalText implements encoding.TextMarshaler.
func (s *Shard) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Shard) UnmarshalText(text []byte) error {
	if x, err := ParseShard(string(text), func(string) string { return "" }); err == nil {
		*s = *x
		return nil
	}
	return errors.New("a shard is I/N")
}

// Ranges writes ascending numbers as --array= of Slurm takes them: 1,4-6.
func Ranges(numbers []int) string {
	var parts []string
	for rest := slices.Clone(numbers); len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n] == rest[n-1]+1 {
			n++
		}
		part := strconv.Itoa(rest[0])
		if n > 1 {
			part += "-" + strconv.Itoa(rest[n-1])
		}
		parts, rest = append(parts, part), rest[n:]
	}
	return strings.Join(parts, ",")
}
