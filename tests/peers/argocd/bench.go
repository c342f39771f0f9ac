package argocd

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"
)

// bench measures servers side by side: every round asks each of them in turn, so that
// a machine that slows down slows all of them.
type bench struct {
	sockets []string
	repo    string
	apps    []string
	callers int
	calls   int
	rounds  int
	chunk   int
	fresh   string
	timeout time.Duration

	archive *archive
	time    uint32 // of the last variant: no two runs share one
}

func newBenchCommand() *cobra.Command {
	b := bench{time: rand.Uint32()}
	command := &cobra.Command{
		Use:   "bench",
		Short: "Measure plugin servers at their sockets, a JSON line for each",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			rows, err := b.run(command.Context())
			if err != nil {
				return err
			}
			out := json.NewEncoder(command.OutOrStdout())
			for _, row := range rows {
				if err = out.Encode(row); err != nil {
					return err
				}
			}
			return nil
		},
	}
	flags := command.Flags()
	flags.StringArrayVar(&b.sockets, "socket", nil, "a server to measure, NAME=PATH; the first is what the others are compared with")
	flags.StringVar(&b.repo, "repo", "", "the checkout to send")
	flags.StringArrayVar(&b.apps, "app", []string{"."}, "an application's folder; the calls take them in turn")
	flags.IntVar(&b.callers, "callers", 1, "callers at once")
	flags.IntVar(&b.calls, "calls", 20, "calls of all callers together, a round")
	flags.IntVar(&b.rounds, "rounds", 5, "rounds")
	flags.IntVar(&b.chunk, "chunk", 1024, "bytes a message; Argo CD's default")
	flags.StringVar(&b.fresh, "fresh", "never", "when the archive is one that no server has seen: never, round, call")
	flags.DurationVar(&b.timeout, "timeout", time.Minute, "the deadline of a call")
	_ = command.MarkFlagRequired("socket")
	_ = command.MarkFlagRequired("repo")
	return command
}

func (b *bench) run(ctx context.Context) ([]row, error) {
	if b.fresh != "never" && b.fresh != "round" && b.fresh != "call" {
		return nil, fmt.Errorf("--fresh %s: never, round or call", b.fresh)
	}
	archive, err := pack(b.repo)
	if err != nil {
		return nil, err
	}
	b.archive = archive
	servers := make([]measured, len(b.sockets))
	for round := -1; round < b.rounds; round++ {
		for at, socket := range b.sockets {
			name, path, found := strings.Cut(socket, "=")
			if !found {
				return nil, fmt.Errorf("--socket %s: NAME=PATH is expected", socket)
			}
			if round < 0 { // what only the first call of a server pays is not measured
				if warm := b.exchange(path, 0, archive).run(ctx); warm.err != nil {
					return nil, fmt.Errorf("%s: %s: %w", name, warm.stage, warm.err)
				}
				continue
			}
			b.round(ctx, path, &servers[at])
		}
	}
	rows := make([]row, len(servers))
	for at := range servers {
		name, _, _ := strings.Cut(b.sockets[at], "=")
		rows[at] = servers[at].row(name, b.callers)
		rows[at].Ratio = rows[at].Median / rows[0].Median
	}
	return rows, nil
}

// round makes one server's calls of a round; archives are made before its clock runs.
func (b *bench) round(ctx context.Context, socket string, server *measured) {
	archives := b.archives()
	var (
		next  atomic.Int64
		mutex sync.Mutex
		group sync.WaitGroup
	)
	start := time.Now()
	for range b.callers {
		group.Go(func() {
			for n := int(next.Add(1)) - 1; n < b.calls; n = int(next.Add(1)) - 1 {
				result := b.exchange(socket, n, archives[n%len(archives)]).run(ctx)
				mutex.Lock()
				server.add(result)
				mutex.Unlock()
			}
		})
	}
	group.Wait()
	server.wall += time.Since(start)
}

// archives are those that the calls of a round take in turn.
func (b *bench) archives() []*archive {
	count := map[string]int{"never": 0, "round": 1, "call": b.calls}[b.fresh]
	if count == 0 {
		return []*archive{b.archive}
	}
	made := make([]*archive, count)
	for at := range made {
		b.time++
		made[at] = b.archive.variant(b.time)
	}
	return made
}

func (b *bench) exchange(socket string, n int, archive *archive) *exchange {
	return &exchange{
		socket:  socket,
		app:     b.apps[n%len(b.apps)],
		archive: archive,
		chunk:   b.chunk,
		timeout: b.timeout,
	}
}
