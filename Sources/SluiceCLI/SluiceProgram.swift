import ArgumentParser

/// The whole program: reads the command line, runs the command, and exits with a documented code.
public enum SluiceProgram {
    public static func main() async {
        await SluiceCommand.main()
    }
}
