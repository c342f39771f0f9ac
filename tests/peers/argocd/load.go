package argocd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/grpc/status"
)

// turns is how many calls in a row send one revision before the next one's come.
const turns = 50

// pause is what a caller waits where nobody listens, so as not to spin.
const pause = 20 * time.Millisecond

// load asks a server for many applications at many revisions at once and holds every
// answer to the one that is right for the revision that was sent.
type load struct {
	socket    string
	revisions []string
	apps      []string
	callers   int
	fresh     int
	until     string
	timeout   time.Duration

	trees []*tree
	next  atomic.Int64
	mutex sync.Mutex
	told  told
}

// tree is a checkout at a revision, and its right answers by application.
type tree struct {
	archive  *archive
	right    map[string]string
	variants map[uint32]*archive
}

// told is the report.
type told struct {
	Right       int            `json:"right"`
	Wrong       int            `json:"wrong"`
	Failed      map[string]int `json:"failed"` // by stage and code
	Said        []string       `json:"said"`   // what the first few said
	Slowest     float64        `json:"slowest_ms"`
	LastFailure int64          `json:"last_failure"` // when the last call that failed began, in milliseconds since 1970; 0 for none
}

func newLoadCommand() *cobra.Command {
	l := load{told: told{Failed: map[string]int{}, Said: []string{}}}
	command := &cobra.Command{
		Use:   "load",
		Short: "Put a plugin server under load, check every answer and print a report as JSON",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if err := l.run(command.Context()); err != nil {
				return err
			}
			return json.NewEncoder(command.OutOrStdout()).Encode(&l.told)
		},
	}
	flags := command.Flags()
	flags.StringVar(&l.socket, "socket", "", "the plugin's socket")
	flags.StringArrayVar(&l.revisions, "revision", nil, "a checkout and the folder of its right answers, REPO=ANSWERS; each answer is <last folder of the application>.json")
	flags.StringArrayVar(&l.apps, "app", []string{"."}, "an application's folder; the calls take them in turn")
	flags.IntVar(&l.callers, "callers", 64, "callers at once")
	flags.IntVar(&l.fresh, "fresh", 0, "after how many calls the same files come as an archive that no server has seen; 0 is never")
	flags.StringVar(&l.until, "until", "", "the file whose appearance ends the load; calls that run are finished")
	flags.DurationVar(&l.timeout, "timeout", 30*time.Second, "the deadline of a call")
	_ = command.MarkFlagRequired("socket")
	_ = command.MarkFlagRequired("revision")
	_ = command.MarkFlagRequired("until")
	return command
}

func (l *load) run(ctx context.Context) error {
	for _, revision := range l.revisions {
		repo, answers, found := strings.Cut(revision, "=")
		if !found {
			return fmt.Errorf("--revision %s: REPO=ANSWERS is expected", revision)
		}
		tree, err := readTree(repo, answers, l.apps)
		if err != nil {
			return err
		}
		l.trees = append(l.trees, tree)
	}
	first := rand.Uint32()
	var ended atomic.Bool
	var group sync.WaitGroup
	for range l.callers {
		group.Go(func() {
			for !ended.Load() {
				l.once(ctx, int(l.next.Add(1)), first)
			}
		})
	}
	waitForFile(l.until)
	ended.Store(true)
	group.Wait()
	return nil
}

func readTree(repo, answers string, apps []string) (*tree, error) {
	packed, err := pack(repo)
	if err != nil {
		return nil, err
	}
	right := map[string]string{}
	for _, app := range apps {
		text, err := os.ReadFile(filepath.Join(answers, filepath.Base(app)+".json"))
		if err != nil {
			return nil, err
		}
		right[app] = string(text)
	}
	return &tree{archive: packed, right: right, variants: map[uint32]*archive{}}, nil
}

// once is the n-th call of all.
func (l *load) once(ctx context.Context, n int, first uint32) {
	tree := l.trees[n/turns%len(l.trees)]
	app := l.apps[n%len(l.apps)]
	archive := tree.archive
	if l.fresh > 0 {
		archive = l.variant(tree, first+uint32(n/l.fresh))
	}
	began := time.Now()
	result := (&exchange{socket: l.socket, app: app, archive: archive, chunk: 1024, timeout: l.timeout}).run(ctx)
	if result.stage == "dial" {
		time.Sleep(pause)
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.told.Slowest = max(l.told.Slowest, milliseconds(result.whole))
	if result.err != nil {
		l.failed(app, result, began)
		return
	}
	if answer := strings.Join(result.manifests, "\n") + "\n"; answer != tree.right[app] {
		l.told.Wrong++
		l.say(fmt.Sprintf("%s: %s", app, answer))
		return
	}
	l.told.Right++
}

func (l *load) variant(tree *tree, stamp uint32) *archive {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	made, found := tree.variants[stamp]
	if !found {
		made = tree.archive.variant(stamp)
		tree.variants[stamp] = made
	}
	return made
}

func (l *load) failed(app string, result outcome, began time.Time) {
	kind := "no connection"
	if errors.Is(result.err, errStuck) {
		kind = "stuck"
	} else if result.stage != "dial" {
		kind = status.Code(result.err).String()
	}
	l.told.Failed[result.stage+": "+kind]++
	l.told.LastFailure = max(l.told.LastFailure, began.UnixMilli())
	l.say(fmt.Sprintf("%s: %s: %v", app, result.stage, result.err))
}

func (l *load) say(what string) {
	const few = 5
	if len(l.told.Said) < few {
		l.told.Said = append(l.told.Said, what)
	}
}
