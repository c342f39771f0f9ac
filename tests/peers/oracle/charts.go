package oracle

import (
	"encoding/json"
	"io"
	"log/slog"

	chart3 "helm.sh/helm/v3/pkg/chart"
	chartutil3 "helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	chartutil "helm.sh/helm/v4/pkg/chart/v2/util"
)

// defaults is a chart with its subcharts, as a question has it.
type defaults struct {
	Name         string           `json:"name"`
	Version      string           `json:"version"`
	Values       map[string]any   `json:"values"`
	Dependencies []map[string]any `json:"dependencies"`
	Charts       []defaults       `json:"charts"`
}

// Lists the values that the templates of a chart see, in Helm 4 and in Helm 3.
func coalesceChart(question []byte) ([]byte, error) {
	var asked struct {
		Chart defaults       `json:"chart"`
		User  map[string]any `json:"user"`
		Helm  int            `json:"helm"`
	}
	if err := json.Unmarshal(question, &asked); err != nil {
		return nil, err
	}
	// Helm warns of values that it skips.
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	if asked.Helm == 3 {
		c, err := asked.Chart.of3()
		if err != nil {
			return nil, err
		}
		if err := chartutil3.ProcessDependenciesWithMerge(c, asked.User); err != nil {
			return nil, err
		}
		values, err := chartutil3.ToRenderValues(c, asked.User, chartutil3.ReleaseOptions{}, nil)
		if err != nil {
			return nil, err
		}
		return json.Marshal(values["Values"])
	}
	c, err := asked.Chart.of4()
	if err != nil {
		return nil, err
	}
	if err := chartutil.ProcessDependencies(c, asked.User); err != nil {
		return nil, err
	}
	values, err := util.ToRenderValues(c, asked.User, common.ReleaseOptions{}, nil)
	if err != nil {
		return nil, err
	}
	return json.Marshal(values["Values"])
}

func (d defaults) of4() (*chart.Chart, error) {
	c := &chart.Chart{Metadata: &chart.Metadata{APIVersion: "v2", Name: d.Name, Version: d.Version}, Values: d.Values}
	if err := convert(d.Dependencies, &c.Metadata.Dependencies); err != nil {
		return nil, err
	}
	for _, below := range d.Charts {
		sub, err := below.of4()
		if err != nil {
			return nil, err
		}
		c.AddDependency(sub)
	}
	return c, nil
}

func (d defaults) of3() (*chart3.Chart, error) {
	c := &chart3.Chart{Metadata: &chart3.Metadata{APIVersion: "v2", Name: d.Name, Version: d.Version}, Values: d.Values}
	if err := convert(d.Dependencies, &c.Metadata.Dependencies); err != nil {
		return nil, err
	}
	for _, below := range d.Charts {
		sub, err := below.of3()
		if err != nil {
			return nil, err
		}
		c.AddDependency(sub)
	}
	return c, nil
}

func convert(from, to any) error {
	text, err := json.Marshal(from)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, to)
}
