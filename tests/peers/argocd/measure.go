package argocd

import (
	"slices"
	"time"
)

// measured is what many exchanges with one server took.
type measured struct {
	wholes  []time.Duration
	answers []time.Duration
	wall    time.Duration // of all rounds
	failed  int
	said    string // by the first that failed
}

func (m *measured) add(result outcome) {
	if result.err == nil {
		m.wholes = append(m.wholes, result.whole)
		m.answers = append(m.answers, result.answer)
		return
	}
	if m.failed == 0 {
		m.said = result.stage + ": " + result.err.Error()
	}
	m.failed++
}

// row is one line of the report. Times are milliseconds.
type row struct {
	Server       string  `json:"server"`
	Callers      int     `json:"callers"`
	Calls        int     `json:"calls"`
	Failed       int     `json:"failed"`
	Said         string  `json:"said,omitempty"`
	Min          float64 `json:"min_ms"`
	Median       float64 `json:"median_ms"`
	P95          float64 `json:"p95_ms"`
	AnswerMin    float64 `json:"answer_min_ms"`
	AnswerMedian float64 `json:"answer_median_ms"`
	AnswerP95    float64 `json:"answer_p95_ms"`
	PerSecond    float64 `json:"per_second"`
	Ratio        float64 `json:"ratio"` // of medians, to the first server
}

func (m *measured) row(server string, callers int) row {
	slices.Sort(m.wholes)
	slices.Sort(m.answers)
	return row{
		Server:       server,
		Callers:      callers,
		Calls:        len(m.wholes),
		Failed:       m.failed,
		Said:         m.said,
		Min:          quantile(m.wholes, 0),
		Median:       quantile(m.wholes, 0.5),
		P95:          quantile(m.wholes, 0.95),
		AnswerMin:    quantile(m.answers, 0),
		AnswerMedian: quantile(m.answers, 0.5),
		AnswerP95:    quantile(m.answers, 0.95),
		PerSecond:    float64(len(m.wholes)) / m.wall.Seconds(),
	}
}

// quantile is of sorted times, in milliseconds; 0 where there are none.
func quantile(sorted []time.Duration, part float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	at := int(part * float64(len(sorted)-1))
	return milliseconds(sorted[at])
}

func milliseconds(time time.Duration) float64 {
	return float64(time.Microseconds()) / 1000
}
