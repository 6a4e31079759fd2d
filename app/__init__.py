"""The program: start-up, document, jobs, playback, controllers, command line."""
