/// Which way the data of a `COPY` goes.
enum CopyDirection {
    /// `COPY … FROM STDIN`.
    case toServer
    /// `COPY … TO STDOUT`.
    case fromServer
}
