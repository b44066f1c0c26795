// playwright-core's types name these of the DOM's, which the rest of the program must not have.
interface Node {}
interface HTMLElementTagNameMap {}
