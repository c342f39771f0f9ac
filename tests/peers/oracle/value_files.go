package oracle

import (
	"encoding/json"
	"path/filepath"
	_ "unsafe" // for go:linkname

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	_ "github.com/argoproj/argo-cd/v3/reposerver/repository" // what the linked function is of
	"github.com/argoproj/argo-cd/v3/util/git"
	utilio "github.com/argoproj/argo-cd/v3/util/io"
	pathutil "github.com/argoproj/argo-cd/v3/util/io/path"
)

// valueFiles is a question: where repos are checked out, and what an Application says.
type valueFiles struct {
	// Folder has a folder for each URL of Repos.
	Folder string            `json:"folder"`
	Repos  map[string]string `json:"repos"`
	// Refs has the URL of each `ref`.
	Refs       map[string]string `json:"refs"`
	Env        map[string]string `json:"env"`
	ValueFiles []string          `json:"valueFiles"`
}

// repo-server's own function, which it does not export.
//
//go:linkname getResolvedValueFiles github.com/argoproj/argo-cd/v3/reposerver/repository.getResolvedValueFiles
func getResolvedValueFiles(
	appPath string,
	repoRoot string,
	env *v1alpha1.Env,
	allowedValueFilesSchemas []string,
	rawValueFiles []string,
	refSources map[string]*v1alpha1.RefTarget,
	gitRepoPaths utilio.TempPaths,
	ignoreMissingValueFiles bool,
) ([]pathutil.ResolvedFilePath, error)

// Lists the files that repo-server hands to helm, for a chart beside sources with a `ref`.
func resolveValueFiles(question []byte) ([]byte, error) {
	var asked valueFiles
	if err := json.Unmarshal(question, &asked); err != nil {
		return nil, err
	}
	paths := utilio.NewRandomizedTempPaths(asked.Folder)
	for url, folder := range asked.Repos {
		paths.Add(git.NormalizeGitURL(url), filepath.Join(asked.Folder, folder))
	}
	refs := map[string]*v1alpha1.RefTarget{}
	for name, url := range asked.Refs {
		refs["$"+name] = &v1alpha1.RefTarget{Repo: v1alpha1.Repository{Repo: url}}
	}
	var env v1alpha1.Env
	for name, value := range asked.Env {
		env = append(env, &v1alpha1.EnvEntry{Name: name, Value: value})
	}
	chart := filepath.Join(asked.Folder, "chart")
	files, err := getResolvedValueFiles(chart, chart, &env, []string{"http", "https"}, asked.ValueFiles, refs, paths, true)
	if err != nil {
		return nil, err
	}
	return json.Marshal(files)
}
