/** Path of the program that runs the media engine in a process of its own. */
export declare const engineFile: string;
