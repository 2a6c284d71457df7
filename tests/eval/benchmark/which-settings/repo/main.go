// Command relayd hands requests on to other servers.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"

	"example.com/relayd/config"
)

func main() {
	path := flag.String("config", "/etc/relayd.conf", "the file with settings")
	profile := flag.String("profile", os.Getenv("RELAYD_PROFILE"), "the profile")
	show := flag.Bool("show", false, "print the settings in force")
	set := config.Pairs{}
	flag.Var(set, "set", "NAME=VALUE, may be given again")
	flag.Parse()

	file, err := os.Open(*path)
	if err != nil {
		fail(err)
	}
	defer file.Close()
	fromFile, err := config.ReadFile(file, *profile)
	if err != nil {
		fail(err)
	}
	machine := config.Machine{CPUs: runtime.NumCPU(), MemoryMB: memory()}
	settings, err := config.Resolve(machine, fromFile, config.FromEnvironment(os.Environ(), *profile),
		config.Source{Name: "flags", Values: set})
	if err != nil {
		fail(err)
	}
	if *show {
		fmt.Printf("%+v\n", settings)
		return
	}
	serve(settings)
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "relayd:", err)
	os.Exit(1)
}
