"""What becomes of a finished file elsewhere: behind a codec, and on other people's loudspeakers."""
