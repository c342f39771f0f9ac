// Command peers is every program of others that the tests of site-cmp meet, in one: it does
// what the name says that it was called by. `peers NAME ...` does what NAME would.
//
// They are one program because they are made of the same packages: those are compiled once,
// and linked once.
package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"site-cmp/peers/argocd"
	"site-cmp/peers/controllers"
	"site-cmp/peers/crds"
	"site-cmp/peers/helm4"
	"site-cmp/peers/issue"
	"site-cmp/peers/kubernetes"
	"site-cmp/peers/kustomize"
	"site-cmp/peers/oracle"
	"site-cmp/peers/secrets"
)

// A program takes what follows its name, and gives the exit code.
type program func(args []string) int

var programs = map[string]program{
	"argocd-peer":      argoCD,
	"cert-issue":       issue.Main,
	"crd-validate":     crds.Main,
	"fuzz-oracle":      oracle.Main,
	"helm":             helm4.Main, // what Argo CD calls whichever it has
	"helm4":            helm4.Main,
	"kubernetes-peer":  kubernetes.Main,
	"kustomize":        kustomize.Main,
	"secrets-template": secrets.Main,
}

func argoCD(args []string) int { return argocd.Main(args, controllers.Commands()...) }

func main() {
	run, known := programs[filepath.Base(os.Args[0])]
	if !known && len(os.Args) > 1 {
		// Some of them look at os.Args themselves.
		os.Args = os.Args[1:]
		run, known = programs[os.Args[0]]
	}
	if !known {
		for _, name := range slices.Sorted(maps.Keys(programs)) {
			fmt.Fprintln(os.Stderr, name)
		}
		os.Exit(2)
	}
	os.Exit(run(os.Args[1:]))
}
