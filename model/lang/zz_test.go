package lang
import ("testing";"time";"os";"fmt")
func watch(s string) func() {
	tm := time.AfterFunc(3*time.Second, func(){ os.WriteFile("/tmp/hang.txt", []byte(s), 0644); panic(fmt.Sprintf("HANG %d", len(s))) })
	return func(){ tm.Stop() }
}
func TestNothing(t *testing.T) {}
