rm -r sites/*.ini sites/disabled
