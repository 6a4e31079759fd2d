"""What leaves the program: video, stems."""
